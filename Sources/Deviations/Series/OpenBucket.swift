/// The sums of one bucket of event time that may still receive records.
struct OpenBucket: Sendable {
    /// Twelve bytes: there is one for each slot and open bucket. What five minutes' sums lose to rounding is far below
    /// the noise of so many records.
    struct Sum: Sendable {
        /// Above 0 for the touched.
        var count: Float = 0
        var squares: Float = 0
        var sum: Float = 0

        @inline(__always)
        mutating func add(_ value: Double) {
            count += 1
            sum += Float(value)
            squares += Float(value * value)
        }
    }

    /// Event time divided by the bucket's length.
    var number: Int64
    /// By slot.
    var sums: [Sum] = []
    /// Slots with records, in order of their first.
    var touched: [Int32] = []
    var rows = 0
    /// By number of the slots whose quantiles are watched; and those with records.
    private(set) var tails: [TailHistogram] = []
    private(set) var touchedTails: [Int32] = []
    private var isTailTouched: [Bool] = []

    init(number: Int64) { self.number = number }

    mutating func reserve(slots: Int) {
        guard sums.count < slots else { return }
        let room = max(slots + slots / 16, 256)
        sums += [Sum](repeating: Sum(), count: room - sums.count)
    }

    /// Adds `values[i]` to slot `slots[i]`, for each i; a negative slot takes nothing. O(values).
    mutating func add(_ values: [Double], to slots: [Int32]) {
        precondition(values.count == slots.count)
        var fresh: [Int32] = []
        do {
            var cells = sums.mutableSpan
            for index in slots.indices where slots[index] >= 0 {
                let slot = Int(slots[index])
                var cell = cells[slot]
                if cell.count == 0 { fresh.append(slots[index]) }
                cell.add(values[index])
                cells[slot] = cell
            }
        }
        touched.append(contentsOf: fresh)
    }

    /// Adds one record to a slot. O(1).
    mutating func addOne(to slot: Int) { add(0, to: slot) }

    /// Adds one value to a slot. O(1).
    mutating func add(_ value: Double, to slot: Int) {
        reserve(slots: slot + 1)
        if sums[slot].count == 0 { touched.append(Int32(slot)) }
        sums[slot].add(value)
    }

    /// What a row may have instead of a slot: none, or one that is not made yet.
    static let noSlot: Int32 = -2
    static let unknownSlot: Int32 = -1

    /// Adds `values[i]` to the slot of row `rows[i]`, from the `start`-th on, up to the first whose slot is not known;
    /// answers which that is, or the number of rows. O(rows).
    @inline(__always)
    mutating func add(
        _ values: [Double], rows: [Int], from start: Int, _ slots: [Int32], slot: (Int, borrowing Span<Int32>) -> Int32
    ) -> Int {
        precondition(values.count == rows.count)
        var fresh: [Int32] = []
        var index = start
        do {
            let slots = slots.span
            var cells = sums.mutableSpan
            while index < rows.count {
                let number = slot(rows[index], slots)
                if number == Self.unknownSlot { break }
                if number >= 0 {
                    var cell = cells[Int(number)]
                    if cell.count == 0 { fresh.append(number) }
                    cell.add(values[index])
                    cells[Int(number)] = cell
                }
                index += 1
            }
        }
        touched.append(contentsOf: fresh)
        return index
    }

    /// Makes it another, empty bucket and keeps the memory. O(touched).
    mutating func reuse(number: Int64) {
        for slot in touched { sums[Int(slot)] = Sum() }
        touched.removeAll(keepingCapacity: true)
        for tail in touchedTails {
            tails[Int(tail)].clear()
            isTailTouched[Int(tail)] = false
        }
        touchedTails.removeAll(keepingCapacity: true)
        rows = 0
        self.number = number
    }

    mutating func reserve(tails count: Int) {
        while tails.count < count {
            tails.append(TailHistogram())
            isTailTouched.append(false)
        }
    }

    /// O(1).
    @inline(__always)
    mutating func addTail(_ tail: Int, _ value: Float, origin: Float) {
        touch(tail)
        tails[tail].add(value, origin: origin)
    }

    /// Takes counts that were saved.
    mutating func addTail(_ tail: Int, _ counts: TailHistogram) {
        reserve(tails: tail + 1)
        touch(tail)
        tails[tail].add(counts)
    }

    @inline(__always)
    private mutating func touch(_ tail: Int) {
        guard !isTailTouched[tail] else { return }
        isTailTouched[tail] = true
        touchedTails.append(Int32(tail))
    }
}
