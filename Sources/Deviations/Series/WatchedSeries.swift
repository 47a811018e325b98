import Statistics

/// A series with its detector and its latest points.
struct WatchedSeries: Sendable {
    enum Quantity: UInt8, Sendable {
        case records
        case errorShare
        case duration
        case amount
        /// Upper quantiles of a numeric field.
        case p95
        case p99
        /// Of a variable of messages: the mean of whole numbers, of any numbers, the share of a value.
        case level
        case fineLevel
        case share

        /// Whether it is the mean of a numeric field.
        var isMeasured: Bool { self == .duration || self == .amount }
        var isTail: Bool { self == .p95 || self == .p99 }
        var isVariable: Bool { self == .level || self == .fineLevel || self == .share }
    }

    /// One evaluation, in the detector's unit.
    struct Step: Sendable, Equatable {
        var time: Int64
        var observed: Float
        var expected: Float
        var low: Float
        var high: Float
        var weight: Float
    }

    var slot: Int32
    var quantity: Quantity
    var detector: SeriesDetector
    private var latest = StepRing()
    /// Whole services are looked at more often, and so keep more: what no longer fits into the ring, of a part nothing.
    private var older: StepOverflow?
    /// The finding that this series is part of; 0 for none.
    var finding: UInt64 = 0
    /// Added to the threshold by feedback, in natural logarithms.
    var patience: Float = 0
    /// The evidence of the last step: ln of the days between false alarms of its strength.
    var logDays: Float = -20

    /// The same where it speaks of a lasting change that would be reported; −20 otherwise.
    var lasting: Float = -20
    var isUp = false
    /// Taken off the threshold while series of other values of the same field move along; see `weighFamilies`.
    var familyRelief: Float = 0

    static let ringCapacity = 72

    init(slot: Int32, quantity: Quantity, options: SeriesDetector.Options, isPart: Bool) {
        self.slot = slot
        self.quantity = quantity
        older = isPart ? nil : StepOverflow(capacity: Self.ringCapacity - StepRing.capacity)
        detector = SeriesDetector(options: options)
    }

    /// A place that was given up.
    static let vacant = WatchedSeries(
        slot: -1, quantity: .records, options: SeriesDetector.Options(), isPart: true)
    var isVacant: Bool { slot < 0 }

    /// Takes in an evaluation that came `gap` evaluations after the one before. `residual`, `reach`: on the detector's
    /// axis. O(1).
    mutating func append(observed: Double, residual: Float, reach: Float, weight: Double, gap: Int) {
        // What lies so far back says nothing of today, and its time would not fit.
        if gap > 255 {
            latest.removeAll()
            older?.removeAll()
        }
        append(
            PackedStep(
                quantity: quantity, observed: observed, residual: residual, reach: reach, weight: Float(weight),
                gap: UInt8(clamping: max(gap, 1))))
    }

    mutating func append(_ step: PackedStep) {
        if let displaced = latest.append(step) { older?.append(displaced) }
    }

    /// Oldest first.
    var packedSteps: [PackedStep] { (older?.steps ?? []) + latest.steps }

    /// The latest evaluations, oldest first; `tick`: nanoseconds from one to the next. O(steps).
    func steps(tick: Int64) -> [Step] {
        let packed = packedSteps
        var steps: [Step] = []
        steps.reserveCapacity(packed.count)
        var time = detector.lastTime
        for step in packed.reversed() {
            steps.append(unpacked(step, time: time))
            time -= Int64(step.gap) * tick
        }
        steps.reverse()
        return steps
    }

    /// The latest evaluation.
    var lastStep: Step? { latest.last.map { unpacked($0, time: detector.lastTime) } }

    private func unpacked(_ packed: PackedStep, time: Int64) -> Step {
        let observed = packed.value(quantity)
        let usual = detector.onScale(observed) - packed.residual.value
        let reach = packed.reachOnAxis
        let isSure = packed.residual.bits == 0
        return Step(
            time: time, observed: Float(observed), expected: isSure ? Float(observed) : Float(detector.offScale(usual)),
            low: Float(detector.offScale(usual - reach)), high: Float(detector.offScale(usual + reach)),
            weight: packed.weight.value)
    }

    /// Whether deviations in this direction are reported.
    func reports(_ direction: Assessment.Direction) -> Bool {
        quantity == .records || quantity == .amount || quantity.isVariable || direction == .up
    }

    /// From the detector's unit to the reader's.
    func display(_ value: Double) -> Double {
        switch quantity {
        case .records: return max(value, 0)
        case .duration, .amount, .p95, .p99: return exponential(value.clamped(to: -50...50))
        case .level, .fineLevel: return VariablePlace.unscaled(value, isFine: quantity == .fineLevel)
        case .errorShare, .share:
            let sine = sineOf(value.clamped(to: 0...1.570_796))
            return sine * sine
        }
    }
}
