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
    private static let capacity = 24
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

    /// Oldest first. What lies past `count` is left over.
    private var ages = InlineArray<24, UInt16>(repeating: 1)
    private var weights = InlineArray<24, UInt16>(repeating: 0)
    private var sums = InlineArray<24, Float>(repeating: 0)
    private var ramps = InlineArray<24, Float>(repeating: 0)
    private var count: UInt8 = 0
    /// Scores after which a beginning is given up, at most 60,000.
    private var horizon: UInt16

    public init(horizon: Double) { self.horizon = UInt16(horizon.clamped(to: 64...60_000)) }

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
    public mutating func update(_ score: Float, spread: borrowing VarianceTime) -> Reading {
        begin()
        // The same work for every place, used or not, so that it is done four places at a time.
        var steps = InlineArray<24, Float>(repeating: 0)
        var slopes = InlineArray<24, Float>(repeating: 0)
        let shares = (
            1 / spread.inflation(0), 1 / spread.inflation(1), 1 / spread.inflation(2), 1 / spread.inflation(3)
        )
        for index in 0..<Self.capacity {
            let whole = ages[index] &+ 1
            ages[index] = whole
            let age = Float(whole)
            let sum = sums[index] + score
            sums[index] = sum
            let ramp = ramps[index] + age * score
            ramps[index] = ramp
            let share = (age < 32 ? age < 8 ? shares.0 : shares.1 : age < 128 ? shares.2 : shares.3) / age
            steps[index] = sum * sum * share
            slopes[index] = ramp * ramp * share * 6 / ((age + 1) * (2 * age + 1))
        }
        return reading(steps.span.extracting(..<Int(count)), slopes.span.extracting(..<Int(count)))
    }

    /// `steps`, `slopes`: squared standard errors by beginning.
    private func reading(_ steps: borrowing Span<Float>, _ slopes: borrowing Span<Float>) -> Reading {
        var bestStep: Float = -1
        var stepPlace = 0
        var bestRamp: Float = -1
        var rampPlace = 0
        for index in 0..<steps.count {
            let step = steps[index]
            if step > bestStep { (bestStep, stepPlace) = (step, index) }
        }
        for index in 0..<slopes.count {
            let slope = slopes[index]
            if slope > bestRamp { (bestRamp, rampPlace) = (slope, index) }
        }
        // A step that does nearly as well dates the change better: a ramp may begin far back with nearly no slope.
        let isRamp = bestRamp > bestStep + 2
        let strongest = isRamp ? rampPlace : stepPlace
        let leading = isRamp ? ramps[strongest] : sums[strongest]
        let best = Self.logLikelihood(max(bestStep, bestRamp))
        var total = 2 * Float(ages[0]) + 2
        if max(bestStep, bestRamp) >= Self.quiet {
            total = 0
            for index in 0..<steps.count {
                let both =
                    Self.quickExp(Self.logLikelihood(steps[index]) - best)
                    + Self.quickExp(Self.logLikelihood(slopes[index]) - best)
                total += Float(weights[index]) * both
            }
        }
        return Reading(
            logRunLength: best + log(total) - Self.cost, isUpward: leading > 0, isRamp: isRamp,
            age: Float(ages[strongest]))
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
        let place = Int(count)
        ages[place] = 0
        sums[place] = 0
        ramps[place] = 0
        weights[place] = 1
        count += 1
    }

    /// Removes the beginning whose older neighbour is relatively nearest; the neighbour inherits its weight.
    private mutating func thin() {
        var ratios = InlineArray<24, Float>(repeating: .infinity)
        for index in 1..<(Self.capacity - 2) {
            ratios[index] = (Float(ages[index - 1]) + 4) / (Float(ages[index + 1]) + 4)
        }
        var nearest = 1
        var least: Float = .infinity
        let found = ratios.span
        for index in 1..<(Self.capacity - 2) {
            let ratio = found[index]
            if ratio < least { (least, nearest) = (ratio, index) }
        }
        remove(nearest, heir: nearest - 1)
    }

    private mutating func remove(_ place: Int, heir: Int?) {
        if let heir { weights[heir] += weights[place] }
        for index in 0..<(Self.capacity - 1) {
            ages[index] = index >= place ? ages[index + 1] : ages[index]
            weights[index] = index >= place ? weights[index + 1] : weights[index]
            sums[index] = index >= place ? sums[index + 1] : sums[index]
            ramps[index] = index >= place ? ramps[index + 1] : ramps[index]
        }
        count -= 1
    }

    /// Forgets all evidence, after an alarm. O(1).
    public mutating func reset() { count = 0 }

    public func save(to writer: inout StateWriter) {
        writer.write(UInt32(count) | UInt32(horizon) << 16)
        for index in 0..<Int(count) {
            writer.write(UInt32(ages[index]) | UInt32(weights[index]) << 16)
            writer.write(sums[index])
            writer.write(ramps[index])
        }
    }

    public init(from reader: inout StateReader) throws(StateError) {
        let word = try reader.readUInt32()
        self.init(horizon: Double(word >> 16))
        guard word & 0xFFFF <= UInt32(Self.capacity) else { throw StateError(word: reader.position) }
        for index in 0..<Int(word & 0xFFFF) {
            let pair = try reader.readUInt32()
            ages[index] = UInt16(truncatingIfNeeded: pair)
            weights[index] = UInt16(truncatingIfNeeded: pair >> 16)
            sums[index] = try reader.readFloat()
            ramps[index] = try reader.readFloat()
            count += 1
        }
        try check(reader.position)
    }

    /// Reads what was saved before version 3: 26 places of numbers of 32 bits.
    public init(wide reader: inout StateReader) throws(StateError) {
        var columns: [[Float]] = []
        for _ in 0..<4 {
            var column: [Float] = []
            for _ in 0..<26 { column.append(try reader.readFloat()) }
            columns.append(column)
        }
        let known = try reader.readCount(limit: 26)
        self.init(horizon: Double(try reader.readFloat()))
        // The oldest two are given up where there is no room.
        for place in max(0, known - Self.capacity)..<known {
            ages[Int(count)] = UInt16(columns[0][place].clamped(to: 0...60_000))
            sums[Int(count)] = columns[1][place]
            ramps[Int(count)] = columns[2][place]
            weights[Int(count)] = UInt16(columns[3][place].clamped(to: 1...60_000))
            count += 1
        }
        try check(reader.position)
    }

    /// Beginnings are ordered, and no heavier than the scores that they stand for.
    private func check(_ word: Int) throws(StateError) {
        var weight = 0
        for index in 0..<Int(count) {
            weight += Int(weights[index])
            guard index == 0 || ages[index] < ages[index - 1], ages[index] <= horizon else {
                throw StateError(word: word)
            }
        }
        guard weight <= 65_000 else { throw StateError(word: word) }
    }
}
