#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How noise grows with the level (Taylor's power law, 1961): a decayed regression of the log absolute residual on the
/// prediction, so that one number standardises nights and noons alike.
public struct ScaleTrend: Sendable {
    private var meanPrediction: Float = 0
    private var meanLog: Float = 0
    private var variance: Float = 0
    private var covariance: Float = 0
    private var weight: Float = 0
    private var memory: Float

    public init(memory: Double) { self.memory = Float(max(memory, 32)) }

    /// Log scale per unit of prediction, shrunk to 0 while little is known.
    private var slope: Float {
        guard variance > 1e-9, weight > 48 else { return 0 }
        // The log of an absolute normal has variance 1.23: a slope is worth no more than its standard error allows.
        let slope = covariance / variance
        let noise = 1.23 / (effectiveCount(weight, memory: memory) * variance)
        return slope * max(0, 1 - 2 * noise / (slope * slope + 1e-12))
    }

    /// What to multiply the common scale with at this prediction; 0.25…4. O(1).
    public func factor(at prediction: Float) -> Float {
        let exponent = slope * (prediction - meanPrediction)
        return exponent == 0 ? 1 : exp(exponent.clamped(to: -1.386...1.386))
    }

    /// `residual` in any fixed unit; a residual of 0 counts as `floor`. O(1).
    public mutating func learn(prediction: Float, residual: Float, floor: Float, slowdown: Float = 1) {
        let value = log(max(abs(residual), floor, 1e-12))
        let gain = 1 / effectiveCount(weight + 1, memory: memory) * (weight < 48 ? 1 : slowdown)
        weight = min(weight + 1, 3 * memory)
        let apart = prediction - meanPrediction
        meanPrediction += apart * gain
        // A residual of nearly nothing must not pull harder than a huge one.
        let error = (value - meanLog).clamped(to: weight < 8 ? -20...20 : -2.5...2.5)
        meanLog += error * gain
        variance += (apart * (prediction - meanPrediction) - variance) * gain
        covariance += (apart * error * (1 - gain) - covariance) * gain
    }

    public func save(to writer: inout StateWriter) {
        for value in [meanPrediction, meanLog, variance, covariance, weight, memory] { writer.write(value) }
    }

    public init(from reader: inout StateReader) throws(StateError) {
        meanPrediction = try reader.readFloat()
        meanLog = try reader.readFloat()
        variance = try reader.readFloat()
        covariance = try reader.readFloat()
        weight = try reader.readFloat()
        memory = try reader.readFloat()
    }
}
