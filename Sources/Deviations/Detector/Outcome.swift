import Statistics

/// What a detector says of one observation, on its own axis: enough for a fleet, where few are looked at.
struct Outcome {
    var verdict: Verdict
    var observed: Float
    /// The middle of what was expected, without what an open change adds, and how far from it about 997 of 1,000
    /// healthy observations reach.
    var usual: Float
    var reach: Float
    var normal: Float
    var time: Int64
}

/// Residuals on the value's own axis, whatever the level: how far a series jumps at any time of day.
struct Jumps: Sendable {
    var histogram: ResidualHistogram
    var scale: RobustScale

    init(pointsPerDay: Double) {
        histogram = ResidualHistogram(memory: (14 * pointsPerDay).clamped(to: 1_000...20_000))
        scale = RobustScale(memory: (3 * pointsPerDay).clamped(to: 256...8_640))
    }

    /// Learns a residual and answers how many standard deviations of all such residuals it is worth. Raises
    /// `probability` to that of one as far out, unless it is above `bound` and says enough. O(1).
    mutating func rank(
        _ residual: Float, _ slowdown: Float, isUp: Bool, unlessAbove bound: Double, _ probability: inout Double
    ) -> Float {
        let jump = residual / max(scale.standardDeviation, 0.01)
        scale.learn(residual, slowdown: slowdown)
        let place = ResidualHistogram.Place(jump)
        if probability <= bound {
            let tails = histogram.tails(at: place)
            probability = max(probability, isUp ? tails.upper : tails.lower)
        }
        histogram.learn(at: place)
        return jump
    }
}
