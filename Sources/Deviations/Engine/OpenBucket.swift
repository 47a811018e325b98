/// The sums of one bucket of event time that may still receive records.
struct OpenBucket: Sendable {
    /// Event time divided by the bucket's length.
    var number: Int64
    var counts: [Float] = []
    var sums: [Double] = []
    var squares: [Double] = []
    /// Slots with records, in order of their first.
    var touched: [Int32] = []
    var rows = 0

    init(number: Int64) { self.number = number }

    mutating func reserve(slots: Int) {
        guard counts.count < slots else { return }
        let room = max(slots, counts.count * 2, 256)
        counts += [Float](repeating: 0, count: room - counts.count)
        sums += [Double](repeating: 0, count: room - sums.count)
        squares += [Double](repeating: 0, count: room - squares.count)
    }

    /// Adds one record. O(1).
    @inline(__always)
    mutating func add(_ slot: Int, _ value: Double) {
        if counts[slot] == 0 { touched.append(Int32(slot)) }
        counts[slot] += 1
        sums[slot] += value
        squares[slot] += value * value
    }

    /// Makes it another, empty bucket and keeps the memory. O(touched).
    mutating func reuse(number: Int64) {
        for slot in touched {
            counts[Int(slot)] = 0
            sums[Int(slot)] = 0
            squares[Int(slot)] = 0
        }
        touched.removeAll(keepingCapacity: true)
        rows = 0
        self.number = number
    }
}
