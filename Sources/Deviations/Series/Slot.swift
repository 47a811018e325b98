import Statistics

/// What the records of one service (and one value of one field) add up to for one measure. Measure 0 counts records and
/// errors; the others are duration fields, in natural logarithms.
struct Slot: Sendable {
    /// Records since the slot was made, for the choice of stride.
    var rows = 0.0
    /// Since the last evaluation.
    var sum = 0.0
    private var records: Float = 0
    private var squareSum: Float = 0
    /// The variance of one record around its bucket's mean, decayed.
    var within: Float = 0
    var withinWeight: Float = 0
    private var first: Int32
    /// Positions among the watched series; −1 for none.
    var rateSeries: Int32 = -1
    var valueSeries: Int32 = -1
    var service: UInt16
    var code: UInt16
    /// Position among the dimensions; −1 for all records of the service.
    var dimension: Int16
    var measure: UInt8
    /// Buckets from one evaluation to the next; 0 while undecided.
    var stride: UInt8 = 0

    init(measure: UInt8, dimension: Int16, service: UInt16, code: UInt16, firstBucket: Int64) {
        (self.measure, self.dimension, self.service, self.code) = (measure, dimension, service, code)
        first = Int32(clamping: firstBucket)
    }

    /// Since the last evaluation; exact to sixteen million.
    var count: Double {
        get { Double(records) }
        set { records = Float(newValue) }
    }
    var squares: Double {
        get { Double(squareSum) }
        set { squareSum = Float(newValue) }
    }
    /// Buckets are at least five minutes long: 2³¹ of them are twenty thousand years.
    var firstBucket: Int64 {
        get { Int64(first) }
        set { first = Int32(clamping: newValue) }
    }

    /// Instead of a measure: the slot is that of a variable of messages, which `VariableWatch` knows.
    static let variableMeasure: UInt8 = 0xFF
    var isVariable: Bool { measure == Self.variableMeasure }

    /// A place that was given up.
    static let vacant = Slot(measure: 0, dimension: -2, service: 0, code: 0, firstBucket: 0)
    var isVacant: Bool { dimension == -2 }

    /// Takes a bucket's sums in.
    mutating func add(count: Double, sum: Double, squares: Double) {
        self.count += count
        self.sum += sum
        self.squares += squares
        rows += count
    }

    mutating func clear() {
        count = 0
        sum = 0
        squares = 0
    }

    /// Learns how far single records lie from their mean. O(1).
    mutating func learnWithin() {
        guard count >= 2 else { return }
        let variance = Float(max(0, (squares - sum * sum / count) / (count - 1)))
        let weight = Float(count - 1)
        withinWeight = min(withinWeight + weight, 5_000)
        let bounded = withinWeight > 50 ? min(variance, 4 * within + 1e-6) : variance
        within += (bounded - within) * min(1, weight / withinWeight)
    }
}
