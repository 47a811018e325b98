/// Takes the first-order autocorrelation out of residuals: u(t) = e(t) − φ·e(t−1), φ estimated on clipped values,
/// decayed.
public struct Prewhitener: Sendable {
    private var product: Float = 0
    private var square: Float = 1
    private var weight: Float = 0
    private var previous: Float = 0
    private var hasPrevious = false
    private var memory: Float

    public init(memory: Double) { self.memory = Float(max(memory, 32)) }

    /// The autocorrelation, −0.5…0.98; pulled to 0 by the weight of 20 observations.
    public var autocorrelation: Float {
        guard square > 0 else { return 0 }
        let count = effectiveCount(weight, memory: memory)
        return (product * count / (square * (count + 20))).clamped(to: -0.5...0.98)
    }

    /// What the last residual lets one expect of this one, `steps` after it. O(1).
    public func carried(steps: Float = 1) -> Float {
        guard hasPrevious else { return 0 }
        let phi = autocorrelation
        if steps <= 1.5 { return phi * previous }
        return phi <= 0 ? 0 : previous * phi * max(0, 1 - (steps - 1) * (1 - phi))
    }

    /// Learns from a residual of a series whose residuals have scale `scale`; the value kept is clipped at `clip`
    /// scales. O(1).
    public mutating func learn(_ residual: Float, scale: Float, clip: Float, adjacent: Bool, slowdown: Float = 1) {
        let bound = 2.5 * scale
        let now = residual.clamped(to: -bound...bound)
        if hasPrevious && adjacent {
            let before = previous.clamped(to: -bound...bound)
            let gain = 1 / effectiveCount(weight + 1, memory: memory) * (weight < 32 ? 1 : slowdown)
            product += (now * before - product) * gain
            square += (before * before - square) * gain
            weight = min(weight + 1, 3 * memory)
        }
        previous = residual.clamped(to: -clip * scale...clip * scale)
        hasPrevious = true
    }

    /// The level moved by `shift`: so did the last residual. O(1).
    public mutating func shift(by shift: Float) { previous += shift }

    public func save(to writer: inout StateWriter) {
        for value in [product, square, weight, previous, memory] { writer.write(value) }
        writer.write(hasPrevious)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        product = try reader.readFloat()
        square = try reader.readFloat()
        weight = try reader.readFloat()
        previous = try reader.readFloat()
        memory = try reader.readFloat()
        hasPrevious = try reader.readBool()
    }
}
