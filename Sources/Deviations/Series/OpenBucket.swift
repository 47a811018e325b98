/// The sums of one bucket of event time that may still receive records.
struct OpenBucket: Sendable {
    struct Sum: Sendable {
        var count: Float = 0
        /// Whether the slot is among the touched.
        var isNoted = false
        var sum = 0.0
        var squares = 0.0
    }

    /// Event time divided by the bucket's length.
    var number: Int64
    /// By slot.
    var sums: [Sum] = []
    /// Slots with records, in order of their first.
    var touched: [Int32] = []
    var rows = 0

    init(number: Int64) { self.number = number }

    mutating func reserve(slots: Int) {
        guard sums.count < slots else { return }
        let room = max(slots, sums.count * 2, 256)
        sums += [Sum](repeating: Sum(), count: room - sums.count)
    }

    /// Adds `values[i]` to slot `slots[i]`, for each i; a negative slot takes nothing. O(values).
    mutating func add(_ values: [Double], to slots: [Int32]) {
        precondition(values.count == slots.count)
        var fresh = 0
        do {
            var cells = sums.mutableSpan
            for index in slots.indices where slots[index] >= 0 {
                let slot = Int(slots[index])
                var cell = cells[slot]
                if cell.count == 0 { fresh += 1 }
                cell.count += 1
                let value = values[index]
                cell.sum += value
                cell.squares += value * value
                cells[slot] = cell
            }
        }
        guard fresh > 0 else { return }
        for slot in slots where slot >= 0 && !sums[Int(slot)].isNoted {
            sums[Int(slot)].isNoted = true
            touched.append(slot)
        }
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
                    let value = values[index]
                    if !cell.isNoted {
                        cell.isNoted = true
                        fresh.append(number)
                    }
                    cell.count += 1
                    cell.sum += value
                    cell.squares += value * value
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
        rows = 0
        self.number = number
    }
}
