import Synchronization

/// How often each number occurred, and where it was first seen: numbers are only parted as they come, and counted at
/// the end, or when many wait.
struct NumberCounts: Sendable {
    /// Numbers with their counts and where each was first seen: chunk, then row.
    struct Table: Sendable {
        private var table = IntegerTable(capacity: 1_024)
        private(set) var counts: [Int] = []
        private(set) var firstSeen: [UInt64] = []

        var count: Int { table.count }
        var keys: [UInt64] { table.keys }
        var memoryBytes: Int { table.count * 40 }

        init(capacity: Int = 16) { table = IntegerTable(capacity: capacity) }

        /// Counts a number in that was first seen at `place`. O(1) amortised.
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
    }

    /// Numbers that may wait to be counted.
    private static let waitingNumbers = 1 << 22
    private var waiting = PartedPairs(keyIsBoth: false)
    private var settled = Table()

    var isEmpty: Bool { waiting.count == 0 && settled.count == 0 }
    var memoryBytes: Int { waiting.memoryBytes + settled.memoryBytes }

    /// Adds numbers, each with the place where it was seen behind it. O(numbers).
    mutating func add(_ words: [UInt64]) {
        waiting.add(words)
        guard waiting.count > Self.waitingNumbers else { return }
        for part in 0..<PartedPairs.parts {
            waiting.forEach(of: part) { settled.add($0, place: $1) }
        }
        waiting.removeAll()
    }

    mutating func merge(_ other: NumberCounts) {
        waiting.merge(other.waiting)
        for index in 0..<other.settled.count {
            settled.add(
                other.settled.keys[index], place: other.settled.firstSeen[index], count: other.settled.counts[index])
        }
    }

    /// All counts, in tables that share no number; made by as many threads as the query may use. O(numbers).
    func tables(_ budget: QueryBudget) -> [Table] {
        if isEmpty { return [] }
        if settled.count > 0 {
            var all = settled
            for part in 0..<PartedPairs.parts { waiting.forEach(of: part) { all.add($0, place: $1) } }
            return [all]
        }
        let tables = Mutex<[Table]>([])
        budget.share(PartedPairs.parts) { part in
            var table = Table(capacity: waiting.count(of: part))
            waiting.forEach(of: part) { table.add($0, place: $1) }
            tables.withLock { $0.append(table) }
        }
        return tables.withLock { $0 }
    }
}
