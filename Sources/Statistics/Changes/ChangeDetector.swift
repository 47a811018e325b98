import CKernels

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
    private static let capacity = Int(PLUMB_BEGINNINGS)
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

    private var changes: plumb_change_sums

    /// `horizon`: scores after which a beginning is given up.
    public init(horizon: Double) {
        changes = plumb_change_sums()
        changes.horizon = UInt16(horizon.clamped(to: 64...60_000))
    }

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
        var scales = plumb_change_scales()
        scales.shares = (
            1 / spread.inflation(0), 1 / spread.inflation(1), 1 / spread.inflation(2), 1 / spread.inflation(3)
        )
        (scales.size, scales.spread, scales.quiet) = (Self.size, Self.spread, Self.quiet)
        // It keeps to the places that the state has.
        let reading = unsafe plumb_change_update(&changes, score, &scales)
        // A step that does nearly as well dates the change better: a ramp may begin far back with nearly no slope.
        let isRamp = reading.ramp > reading.step + 2
        let strongest = beginning(isRamp ? reading.ramp_place : reading.step_place)
        return Reading(
            logRunLength: reading.log_sum - Self.cost, isUpward: (isRamp ? strongest.ramp : strongest.sum) > 0,
            isRamp: isRamp, age: Float(strongest.age))
    }

    private mutating func beginning(_ place: UInt32) -> plumb_beginning {
        precondition(place < UInt32(changes.count))
        return unsafe plumb_change_get(&changes, place)
    }

    /// Forgets all evidence, after an alarm. O(1).
    public mutating func reset() { changes.count = 0 }

    /// Beginnings with their ages and weights: the weight is the difference of the age to the next one's.
    public func save(to writer: inout StateWriter) {
        var copy = self
        let count = UInt32(changes.count)
        writer.write(count | UInt32(changes.horizon) << 16)
        for place in 0..<count {
            let one = copy.beginning(place)
            let next = place + 1 < count ? UInt32(copy.beginning(place + 1).age) : 0
            writer.write(UInt32(one.age) | (UInt32(one.age) - next) << 16)
            writer.write(one.sum)
            writer.write(one.ramp)
        }
    }

    public init(from reader: inout StateReader) throws(StateError) {
        let word = try reader.readUInt32()
        self.init(horizon: Double(word >> 16))
        guard word & 0xFFFF <= UInt32(Self.capacity) else { throw StateError(word: reader.position) }
        for _ in 0..<Int(word & 0xFFFF) {
            let age = UInt16(truncatingIfNeeded: try reader.readUInt32())
            try append(age: age, sum: try reader.readFloat(), ramp: try reader.readFloat(), at: reader.position)
        }
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
            let age = UInt16(columns[0][place].clamped(to: 1...60_000))
            try append(age: age, sum: columns[1][place], ramp: columns[2][place], at: reader.position)
        }
    }

    /// Beginnings come in order.
    private mutating func append(age: UInt16, sum: Float, ramp: Float, at word: Int) throws(StateError) {
        let before = changes.count > 0 ? beginning(UInt32(changes.count) - 1).age : .max
        guard age > 0, age < before, changes.count < UInt8(Self.capacity) else { throw StateError(word: word) }
        unsafe plumb_change_append(&changes, plumb_beginning(age: age, sum: sum, ramp: ramp))
    }
}
