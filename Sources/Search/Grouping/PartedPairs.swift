/// Pairs of words, parted by a hash as they come, so that later each part, small enough for the cache, is worked on by
/// itself (radix partitioning; Manegold et al. 2000).
struct PartedPairs: Sendable {
    /// Pairs, part after part.
    private struct Run: Sendable {
        var words: [UInt64]
        /// Where the pairs of each part begin, counted in pairs, and behind the last where they end.
        var starts: [Int32]
    }

    static let parts = 256
    private var runs: [Run] = []
    private(set) var count = 0
    /// All ones if both words are the key, zero if only the first is.
    private let secondMask: UInt64

    init(keyIsBoth: Bool) { secondMask = keyIsBoth ? .max : 0 }

    var memoryBytes: Int { count * 16 + runs.count * Self.parts * 4 }

    @inline(__always)
    func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let mixed = (first ^ ((second & secondMask) &* 0xD1B5_4A32_D192_ED03)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }

    @inline(__always)
    private func part(_ first: UInt64, _ second: UInt64) -> Int { Int(truncatingIfNeeded: hash(first, second) >> 56) }

    /// Adds pairs, one word behind the other. O(pairs).
    mutating func add(_ words: [UInt64]) {
        guard !words.isEmpty else { return }
        let added = words.count / 2
        var starts = [Int32](repeating: 0, count: Self.parts + 1)
        for pair in 0..<added { starts[part(words[2 * pair], words[2 * pair + 1]) + 1] += 1 }
        for part in 0..<Self.parts { starts[part + 1] += starts[part] }
        var next = starts
        var sorted = [UInt64](repeating: 0, count: added * 2)
        for pair in 0..<added {
            let part = part(words[2 * pair], words[2 * pair + 1])
            let place = Int(next[part]) * 2
            next[part] += 1
            sorted[place] = words[2 * pair]
            sorted[place + 1] = words[2 * pair + 1]
        }
        runs.append(Run(words: sorted, starts: starts))
        count += added
    }

    mutating func merge(_ other: PartedPairs) {
        runs += other.runs
        count += other.count
    }

    mutating func removeAll() {
        runs = []
        count = 0
    }

    func count(of part: Int) -> Int { runs.reduce(0) { $0 + Int($1.starts[part + 1] - $1.starts[part]) } }

    /// Calls `body` with each pair of a part, in the order of their arrival. O(pairs of the part).
    @inline(__always)
    func forEach(of part: Int, _ body: (UInt64, UInt64) -> Void) {
        for run in runs {
            for pair in Int(run.starts[part])..<Int(run.starts[part + 1]) {
                body(run.words[2 * pair], run.words[2 * pair + 1])
            }
        }
    }
}
