#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The series' own distribution of standardised residuals, decayed, and the tail probability of a new one.
///
/// Bins are spaced in ln(1 + |v|): fine in the body, relative in the tails. The outer two and a half per cent on each
/// side are a generalised Pareto tail, which goes on where no observation was. A prior worth `priorWeight` observations
/// of nearly normal noise stands in while little is known.
public struct ResidualHistogram: Sendable {
    private static let half = 30
    private static let width: Float = 0.12
    private static let priorWeight: Float = 60

    private var counts = InlineArray<60, Float>(repeating: 0)
    private var total: Float = 0
    private var memory: Float

    public init(memory: Double) { self.memory = Float(max(memory, 64)) }

    public var evidence: Float { total }

    /// 0…59; 30 and above for v ≥ 0.
    private static func position(_ value: Float) -> Float {
        // A not-a-number lands in the middle.
        let scaled = value.isNaN ? 0 : min(log(1 + abs(value)) / width, Float(half) - 0.001)
        return value < 0 ? Float(half) - scaled : Float(half) + scaled
    }

    /// P(V ≥ v) and P(V ≤ v), half of an equal value's share counted on either side. O(bins).
    public func tails(_ value: Float) -> (upper: Double, lower: Double) {
        guard !value.isNaN else { return (0.5, 0.5) }
        let upper = upperTail(abs(value), mirrored: value < 0)
        return value < 0 ? (max(1 - upper, 1e-9), upper) : (upper, max(1 - upper, 1e-9))
    }

    /// The prior: normal with a tenth part of three times the scale.
    private static func prior(_ value: Float) -> Float {
        0.5 * (0.93 * erfc(value * 0.707_106_77) + 0.07 * erfc(value * 0.707_106_77 / 2.5))
    }

    /// The tail at or beyond a magnitude, on the negative side if mirrored.
    private func upperTail(_ magnitude: Float, mirrored: Bool) -> Double {
        let place = min(log(1 + magnitude) / Self.width, 1_000)
        let bin = min(Int(place), Self.half - 1)
        let share = min(place - Float(bin), 1)
        var beyond: Float = 0
        var index = Self.half - 1
        while index > bin {
            beyond += count(index, mirrored: mirrored)
            index -= 1
        }
        let upTo = beyond + count(bin, mirrored: mirrored) * (1 - share)
        let whole = total + Self.priorWeight
        let prior = Self.prior(magnitude) * Self.priorWeight
        let empirical = (upTo + prior) / whole
        guard empirical < 0.03 else { return Double(empirical) }
        // What has been seen as far out before is no rarer than that.
        let seen = 0.5 * (beyond + count(bin, mirrored: mirrored)) / whole
        return Double(max(seen, extrapolated(place, mirrored: mirrored, whole: whole, empirical: empirical)))
    }

    @inline(__always)
    private func count(_ bin: Int, mirrored: Bool) -> Float { counts[mirrored ? Self.half - 1 - bin : Self.half + bin] }

    /// A generalised Pareto tail behind the bin beyond which about two and a half per cent lie, fitted by
    /// probability-weighted moments (Hosking and Wallis, 1987) that start from ten made-up exceedances of shape
    /// 0.25.
    private func extrapolated(_ place: Float, mirrored: Bool, whole: Float, empirical: Float) -> Float {
        var beyond: Float = 0
        var bin = Self.half
        var share: Float = 0
        while bin > 0 && share < 0.025 {
            bin -= 1
            beyond += count(bin, mirrored: mirrored)
            share = (beyond + Self.prior(Self.edges[bin]) * Self.priorWeight) / whole
        }
        let edge = Self.edges[bin]
        let magnitude = exp(min(place, Float(Self.half)) * Self.width) - 1
        guard magnitude > edge else { return empirical }
        // Means of x and of x·P(X > x) over the exceedances.
        var first: Float = 10 * 0.4533
        var second: Float = 10 * 0.0971
        var above: Float = 0
        var index = Self.half - 1
        while index >= bin && beyond > 0 {
            let here = count(index, mirrored: mirrored)
            if here > 0 {
                let excess = 0.5 * (Self.edges[index] + Self.edges[index + 1]) - edge
                first += here * excess
                second += here * excess * (above + 0.5 * here) / beyond
                above += here
            }
            index -= 1
        }
        let mean = first / (beyond + 10)
        let weighted = second / (beyond + 10)
        let shape = (2 - mean / max(mean - 2 * weighted, 0.05 * mean)).clamped(to: 0.02...0.6)
        let scale = mean * (1 - shape)
        let reach = (magnitude - edge) / scale
        let tail = power(1 + shape * reach, -1 / shape)
        return max(share * tail, 1e-25)
    }

    private func power(_ base: Float, _ exponent: Float) -> Float { exp(exponent * log(base)) }

    /// Lower edges of the bins, in standard deviations, and the last one's upper edge.
    private static let edges: InlineArray<31, Float> = {
        var edges = InlineArray<31, Float>(repeating: 0)
        for index in 0...half { edges[index] = exp(Float(index) * width) - 1 }
        return edges
    }()

    /// Takes a value in, split between the two nearest bins' centres by its share. O(1), O(bins) when it forgets.
    public mutating func learn(_ value: Float, weight: Float = 1) {
        let bin = Int(Self.position(value))
        counts[min(max(bin, 0), 59)] += weight
        total += weight
        guard total > memory * 1.05 else { return }
        for index in counts.indices { counts[index] *= 0.952_381 }
        total *= 0.952_381
    }

    /// Makes all so far count for a share of what it did. O(bins).
    public mutating func forget(keeping share: Float) {
        for index in counts.indices { counts[index] *= share }
        total *= share
    }

    public func save(to writer: inout StateWriter) {
        counts.save(to: &writer)
        writer.write(total)
        writer.write(memory)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        self.init(memory: 64)
        try counts.restore(from: &reader)
        total = try reader.readFloat()
        memory = try reader.readFloat()
    }
}
