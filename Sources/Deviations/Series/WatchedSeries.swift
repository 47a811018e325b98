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

        /// Whether it is the mean of a numeric field.
        var isMeasured: Bool { self == .duration || self == .amount }
        var isTail: Bool { self == .p95 || self == .p99 }
    }

    /// One evaluation, in the detector's unit.
    struct Step: Sendable {
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
    /// The latest steps, `ringCapacity` at most; the oldest at `ringStart` once full.
    var ring: [Step] = []
    var ringStart = 0
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

    init(slot: Int32, quantity: Quantity, options: SeriesDetector.Options) {
        self.slot = slot
        self.quantity = quantity
        detector = SeriesDetector(options: options)
    }

    mutating func append(_ step: Step) {
        if ring.count < Self.ringCapacity {
            ring.append(step)
        } else {
            ring[ringStart] = step
            ringStart = (ringStart + 1) % Self.ringCapacity
        }
    }

    /// Oldest first.
    var steps: [Step] { ring.isEmpty ? [] : Array(ring[ringStart...] + ring[..<ringStart]) }

    /// Whether deviations in this direction are reported.
    func reports(_ direction: Assessment.Direction) -> Bool {
        quantity == .records || quantity == .amount || direction == .up
    }

    /// From the detector's unit to the reader's.
    func display(_ value: Double) -> Double {
        switch quantity {
        case .records: return max(value, 0)
        case .duration, .amount, .p95, .p99: return exponential(value.clamped(to: -50...50))
        case .errorShare:
            let sine = sineOf(value.clamped(to: 0...1.570_796))
            return sine * sine
        }
    }
}
