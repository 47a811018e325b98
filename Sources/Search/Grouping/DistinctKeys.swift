import Synchronization

/// A set of 16-byte keys that is counted at the end: keys are only parted by a hash as they come, and each part, small
/// enough for the cache, is made distinct when the count is asked for (radix partitioning; Manegold et al. 2000).
struct DistinctKeys: Sendable {
    /// Keys as two words each, part after part.
    private struct Run: Sendable {
        var words: [UInt64]
        /// Where the keys of each part begin, counted in keys, and behind the last where they end.
        var starts: [Int32]
    }

    private static let parts = 256
    /// Keys beyond twice the distinct ones before repeated ones are dropped.
    private static let spareKeys = 1 << 20
    private var runs: [Run] = []
    private var keyCount = 0
    private var keptKeys = 0

    var isEmpty: Bool { keyCount == 0 }
    var memoryBytes: Int { keyCount * 16 + runs.count * Self.parts * 4 }

    @inline(__always)
    private static func hash(_ low: UInt64, _ high: UInt64) -> UInt64 {
        let mixed = (low ^ (high &* 0xD1B5_4A32_D192_ED03)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }

    @inline(__always)
    private static func part(_ low: UInt64, _ high: UInt64) -> Int { Int(truncatingIfNeeded: hash(low, high) >> 56) }

    /// Adds keys, two words each; some may be there already. O(keys).
    mutating func add(_ words: [UInt64]) {
        guard !words.isEmpty else { return }
        let count = words.count / 2
        var starts = [Int32](repeating: 0, count: Self.parts + 1)
        for key in 0..<count { starts[Self.part(words[2 * key], words[2 * key + 1]) + 1] += 1 }
        for part in 0..<Self.parts { starts[part + 1] += starts[part] }
        var next = starts
        var sorted = [UInt64](repeating: 0, count: count * 2)
        for key in 0..<count {
            let part = Self.part(words[2 * key], words[2 * key + 1])
            let place = Int(next[part]) * 2
            next[part] += 1
            sorted[place] = words[2 * key]
            sorted[place + 1] = words[2 * key + 1]
        }
        runs.append(Run(words: sorted, starts: starts))
        keyCount += count
        if keyCount > 2 * keptKeys + Self.spareKeys { dropRepeated() }
    }

    mutating func merge(_ other: DistinctKeys) {
        runs += other.runs
        keyCount += other.keyCount
        keptKeys = max(keptKeys, other.keptKeys)
    }

    /// The distinct keys of a part, two words each. O(keys of the part).
    private func distinct(_ part: Int) -> [UInt64] {
        var total = 0
        for run in runs { total += Int(run.starts[part + 1] - run.starts[part]) }
        var size = 16
        while size < total * 2 { size *= 2 }
        let mask = size - 1
        var slots = [UInt32](repeating: 0, count: size)
        var keys: [UInt64] = []
        keys.reserveCapacity(total * 2)
        for run in runs {
            for key in Int(run.starts[part])..<Int(run.starts[part + 1]) {
                let low = run.words[2 * key]
                let high = run.words[2 * key + 1]
                var slot = Int(truncatingIfNeeded: Self.hash(low, high)) & mask
                while true {
                    let place = Int(slots[slot])
                    if place == 0 {
                        keys.append(low)
                        keys.append(high)
                        slots[slot] = UInt32(keys.count / 2)
                        break
                    }
                    if keys[2 * place - 2] == low, keys[2 * place - 1] == high { break }
                    slot = (slot + 1) & mask
                }
            }
        }
        return keys
    }

    private mutating func dropRepeated() {
        var words: [UInt64] = []
        var starts: [Int32] = [0]
        for part in 0..<Self.parts {
            words += distinct(part)
            starts.append(Int32(words.count / 2))
        }
        keptKeys = words.count / 2
        keyCount = keptKeys
        runs = [Run(words: words, starts: starts)]
    }

    /// Distinct keys, counted by as many threads as the query may use. O(keys).
    func count(_ budget: QueryBudget) -> Int {
        if runs.isEmpty { return 0 }
        let count = Atomic<Int>(0)
        budget.share(Self.parts) { part in count.add(distinct(part).count / 2, ordering: .relaxed) }
        return count.load(ordering: .relaxed)
    }
}
