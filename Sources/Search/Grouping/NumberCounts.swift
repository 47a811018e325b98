/// How often each number occurred, and where it was first seen.
struct NumberCounts {
    private var table = IntegerTable(capacity: 1_024)
    private(set) var counts: [Int] = []
    /// Chunk, then row.
    private(set) var firstSeen: [UInt64] = []

    var count: Int { table.count }
    var keys: [UInt64] { table.keys }
    var memoryBytes: Int { table.count * 40 }

    /// Counts a number in, seen at `place`, or `count` of them of which that was the first. O(1) amortised.
    @inline(__always)
    mutating func add(_ number: UInt64, place: UInt64, count: Int = 1) {
        let index = Int(table.number(of: number))
        if index == counts.count {
            counts.append(count)
            firstSeen.append(place)
        } else {
            counts[index] &+= count
            if place < firstSeen[index] { firstSeen[index] = place }
        }
    }

    mutating func merge(_ other: NumberCounts, _ budget: QueryBudget) throws {
        var ticker = BudgetTicker(budget)
        for index in 0..<other.count {
            try ticker.tick()
            add(other.table.keys[index], place: other.firstSeen[index], count: other.counts[index])
        }
    }
}
