#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds a lasting change of the mean of standard normal scores, of either sign, that began at any time: a step of any
/// size or a drift of any slope.
///
/// It sums, over the moments at which a change may have begun, the likelihood ratio of a step or ramp since then
/// against no change, with normal priors on the size of step and ramp (after the Shiryaev–Roberts e-detectors of Shin,
/// Ramdas and Rinaldo, 2024). The sum's mean grows by 1 a score while nothing changes. The priors move with age, so
/// that the bound on false alarms which a fixed prior would give does not hold exactly: simulated alarms came 1.7 times
/// as often, which `surplus` more than makes up for. To keep the state constant, beginnings are thinned out with age,
/// and one that stays stands for those that went, which leaves the mean as it is.
public struct ChangeDetector: Sendable {
    private static let capacity = 26
    /// Mean and variance of the prior of a change's size, in standard errors of what the scores since its beginning
    /// tell: a change that is worth an alarm stands four to five out, and is sought there rather than around 0.
    private static let size: Float = 4.5
    private static let spread: Float = 1.5
    /// ½ ln(1 + spread), ln 2 for the sign, ln 2 for the two shapes that share the evidence, and what the moving priors
    /// cost.
    private static let cost: Float = 0.4581 + 0.6931 + 0.6931 + surplus
    private static let surplus: Float = 1.33
    /// Below so many squared standard errors nothing is near a threshold, and a bound is enough.
    private static let quiet: Float = 6

    private var ages = InlineArray<26, Float>(repeating: 0)
    private var sums = InlineArray<26, Float>(repeating: 0)
    private var ramps = InlineArray<26, Float>(repeating: 0)
    private var weights = InlineArray<26, Float>(repeating: 0)
    private var count: UInt32 = 0
    /// Scores after which a beginning is given up.
    private var horizon: Float

    public init(horizon: Double) { self.horizon = Float(max(horizon, 64)) }

    /// What the scores so far say.
    public struct Reading: Sendable {
        /// ln of the scores between false alarms of this strength.
        public var logRunLength: Float
        public var isUpward: Bool
        /// Whether a ramp explains the scores better than a step.
        public var isRamp: Bool
        /// Scores since the likeliest beginning, the last one included.
        public var age: Float
    }

    /// Takes in one score. O(beginnings kept).
    public mutating func update(_ score: Float, spread: VarianceTime) -> Reading {
        begin()
        var bestStep: Float = -1
        var stepPlace = 0
        var bestRamp: Float = -1
        var rampPlace = 0
        var squares = InlineArray<52, Float>(repeating: 0)
        let shares: InlineArray<4, Float> = [
            1 / spread.inflation(0), 1 / spread.inflation(1), 1 / spread.inflation(2), 1 / spread.inflation(3),
        ]
        for index in 0..<Int(count) {
            let age = ages[index] + 1
            ages[index] = age
            let sum = sums[index] + score
            sums[index] = sum
            let ramp = ramps[index] + age * score
            ramps[index] = ramp
            let share = shares[age < 8 ? 0 : age < 32 ? 1 : age < 128 ? 2 : 3] / age
            let step = sum * sum * share
            let slope = ramp * ramp * share * 6 / ((age + 1) * (2 * age + 1))
            squares[2 * index] = step
            squares[2 * index + 1] = slope
            if step > bestStep { (bestStep, stepPlace) = (step, index) }
            if slope > bestRamp { (bestRamp, rampPlace) = (slope, index) }
        }
        // A step that does nearly as well dates the change better: a ramp may begin far back with nearly no slope.
        let isRamp = bestRamp > bestStep + 2
        let strongest = isRamp ? rampPlace : stepPlace
        let leading = isRamp ? ramps[strongest] : sums[strongest]
        let best = Self.logLikelihood(max(bestStep, bestRamp))
        var total = 2 * ages[0] + 2
        if max(bestStep, bestRamp) >= Self.quiet {
            total = 0
            for index in 0..<Int(count) {
                let both =
                    Self.quickExp(Self.logLikelihood(squares[2 * index]) - best)
                    + Self.quickExp(Self.logLikelihood(squares[2 * index + 1]) - best)
                total += weights[index] * both
            }
        }
        return Reading(
            logRunLength: best + log(total) - Self.cost, isUpward: leading > 0, isRamp: isRamp, age: ages[strongest])
    }

    /// ln of the likelihood ratio of a change, its size averaged over the prior, without what `cost` holds. Takes the
    /// square of the standard errors by which the scores stand out.
    @inline(__always)
    private static func logLikelihood(_ square: Float) -> Float {
        (square * spread + 2 * size * square.squareRoot() - size * size) / (2 * (1 + spread))
    }

    /// e^x within 2 %, for x ≤ 0; 0 below −30.
    @inline(__always)
    private static func quickExp(_ x: Float) -> Float {
        guard x > -30 else { return 0 }
        let power = x * 1.442_695
        let whole = power.rounded(.down)
        let part = power - whole
        let scale = Float(bitPattern: UInt32(bitPattern: (Int32(whole) + 127) << 23))
        return scale * (1 + part * (0.6565 + 0.3435 * part))
    }

    /// Adds the beginning just before the next score; thins out where there is no room.
    private mutating func begin() {
        if count > 0 && ages[0] >= horizon { remove(0, heir: nil) }
        if Int(count) == Self.capacity { thin() }
        ages[Int(count)] = 0
        sums[Int(count)] = 0
        ramps[Int(count)] = 0
        weights[Int(count)] = 1
        count += 1
    }

    /// Removes the beginning whose older neighbour is relatively nearest; the neighbour inherits its weight. Oldest
    /// first.
    private mutating func thin() {
        var nearest = 1
        var least: Float = .infinity
        for index in 1..<(Self.capacity - 2) {
            let ratio = (ages[index - 1] + 4) / (ages[index + 1] + 4)
            if ratio < least { (least, nearest) = (ratio, index) }
        }
        remove(nearest, heir: nearest - 1)
    }

    private mutating func remove(_ place: Int, heir: Int?) {
        if let heir { weights[heir] += weights[place] }
        for index in place..<(Int(count) - 1) {
            ages[index] = ages[index + 1]
            sums[index] = sums[index + 1]
            ramps[index] = ramps[index + 1]
            weights[index] = weights[index + 1]
        }
        count -= 1
    }

    /// Forgets all evidence, after an alarm. O(1).
    public mutating func reset() { count = 0 }

    public func save(to writer: inout StateWriter) {
        ages.save(to: &writer)
        sums.save(to: &writer)
        ramps.save(to: &writer)
        weights.save(to: &writer)
        writer.write(count)
        writer.write(horizon)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        self.init(horizon: 64)
        try ages.restore(from: &reader)
        try sums.restore(from: &reader)
        try ramps.restore(from: &reader)
        try weights.restore(from: &reader)
        count = try reader.readUInt32()
        horizon = try reader.readFloat()
        guard count <= UInt32(Self.capacity) else { throw StateError(word: reader.position) }
    }
}
