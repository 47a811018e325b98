/// The scale of noise, decayed, not moved much by outliers: a mean of clipped absolute deviations (an M-estimator of
/// scale; Huber, 1964), read as a standard deviation of normal noise.
public struct RobustScale: Sendable {
    private var meanAbsolute: Float = 0
    private var weight: Float = 0
    /// Observations before old ones are forgotten.
    private var memory: Float

    public init(memory: Double) { self.memory = Float(max(memory, 8)) }

    /// The observations behind the scale, at most the memory.
    public var evidence: Float { weight }

    /// 1.2533 = √(π/2) turns a mean absolute deviation into a standard deviation; clipping at 3 costs 0.3 % of it.
    public var standardDeviation: Float { meanAbsolute * 1.257 }

    /// O(1).
    public mutating func learn(_ deviation: Float, slowdown: Float = 1) {
        let bound = weight < 12 ? Float.greatestFiniteMagnitude : 3 * standardDeviation + Float.leastNormalMagnitude
        // A scale of 0 must be able to grow: ten percent beyond the bound still counts.
        let clipped = min(abs(deviation), max(bound, abs(deviation) * 0.1))
        let gain = 1 / effectiveCount(weight + 1, memory: memory) * (weight < 24 ? 1 : slowdown)
        meanAbsolute += (clipped - meanAbsolute) * gain
        weight = min(weight + 1, 3 * memory)
    }

    public func save(to writer: inout StateWriter) {
        writer.write(meanAbsolute)
        writer.write(weight)
        writer.write(memory)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        meanAbsolute = try reader.readFloat()
        weight = try reader.readFloat()
        memory = try reader.readFloat()
    }
}
