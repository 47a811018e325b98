import Synchronization

/// A set of 16-byte keys that is counted at the end: keys are only parted as they come, and each part is made distinct
/// when the count is asked for.
struct DistinctKeys: Sendable {
    /// Keys beyond twice the distinct ones before repeated ones are dropped.
    private static let spareKeys = 1 << 20
    private var pairs = PartedPairs(keyIsBoth: true)
    private var keptKeys = 0

    var memoryBytes: Int { pairs.memoryBytes }

    /// Adds keys, two words each; some may be there already. O(keys).
    mutating func add(_ words: [UInt64]) {
        pairs.add(words)
        if pairs.count > 2 * keptKeys + Self.spareKeys { dropRepeated() }
    }

    mutating func merge(_ other: DistinctKeys) {
        pairs.merge(other.pairs)
        keptKeys = max(keptKeys, other.keptKeys)
    }

    /// The distinct keys of a part, two words each. O(keys of the part).
    private func distinct(_ part: Int) -> [UInt64] {
        let total = pairs.count(of: part)
        var size = 16
        while size < total * 2 { size *= 2 }
        let mask = size - 1
        var slots = [UInt32](repeating: 0, count: size)
        var keys: [UInt64] = []
        keys.reserveCapacity(total * 2)
        pairs.forEach(of: part) { first, second in
            var slot = Int(truncatingIfNeeded: pairs.hash(first, second)) & mask
            while true {
                let place = Int(slots[slot])
                if place == 0 {
                    keys.append(first)
                    keys.append(second)
                    slots[slot] = UInt32(keys.count / 2)
                    return
                }
                if keys[2 * place - 2] == first, keys[2 * place - 1] == second { return }
                slot = (slot + 1) & mask
            }
        }
        return keys
    }

    private mutating func dropRepeated() {
        var words: [UInt64] = []
        for part in 0..<PartedPairs.parts { words += distinct(part) }
        pairs.removeAll()
        pairs.add(words)
        keptKeys = words.count / 2
    }

    /// Distinct keys, counted by as many threads as the query may use. O(keys).
    func count(_ budget: QueryBudget) -> Int {
        if pairs.count == 0 { return 0 }
        let count = Atomic<Int>(0)
        budget.share(PartedPairs.parts) { part in count.add(distinct(part).count / 2, ordering: .relaxed) }
        return count.load(ordering: .relaxed)
    }
}
