/// Which rows of a block are selected: one bit a row, 64 to a word.
struct Bitmap: Sendable, Equatable {
    /// Rows, not bits set.
    let count: Int
    /// Bits past `count` are zero.
    var words: [UInt64]

    init(count: Int, full: Bool = false) {
        self.count = count
        words = [UInt64](repeating: full ? UInt64.max : 0, count: (count + 63) / 64)
        if full { clearSpareBits() }
    }

    private mutating func clearSpareBits() {
        if count & 63 != 0 { words[words.count - 1] &= (1 << UInt64(count & 63)) - 1 }
    }

    var setCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    var isFull: Bool { setCount == count }

    @inline(__always) func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
    @inline(__always) mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }
    @inline(__always) mutating func remove(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

    /// How many rows of a range are set. O(range / 64).
    func setCount(in range: Range<Int>) -> Int {
        guard !range.isEmpty else { return 0 }
        let last = range.upperBound - 1
        let head = UInt64.max << UInt64(range.lowerBound & 63)
        let tail = UInt64.max >> UInt64(63 - last & 63)
        if range.lowerBound >> 6 == last >> 6 { return (words[last >> 6] & head & tail).nonzeroBitCount }
        var count = (words[range.lowerBound >> 6] & head).nonzeroBitCount + (words[last >> 6] & tail).nonzeroBitCount
        for index in (range.lowerBound >> 6) + 1..<last >> 6 { count += words[index].nonzeroBitCount }
        return count
    }

    /// The first set row at or behind `start`; nil if there is none. O(count / 64).
    func first(from start: Int) -> Int? {
        guard start < count else { return nil }
        var index = start >> 6
        var word = words[index] & UInt64.max << UInt64(start & 63)
        while word == 0 {
            index += 1
            guard index < words.count else { return nil }
            word = words[index]
        }
        return index << 6 | word.trailingZeroBitCount
    }

    /// Keeps the rows whose bits are set in `words`, of which there are as many as here.
    mutating func keep(_ words: [UInt64]) {
        for index in self.words.indices { self.words[index] &= words[index] }
    }

    mutating func formUnion(_ other: Bitmap) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    mutating func formIntersection(_ other: Bitmap) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: Bitmap) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// Keeps the first `limit` rows that are set. O(words).
    mutating func truncate(toFirst limit: Int) {
        var left = limit
        for index in words.indices {
            let here = words[index].nonzeroBitCount
            if here <= left {
                left -= here
                continue
            }
            var word = words[index]
            var kept: UInt64 = 0
            while left > 0 {
                let lowest = word & (~word &+ 1)
                kept |= lowest
                word ^= lowest
                left -= 1
            }
            words[index] = kept
        }
    }

    /// Drops the first `limit` rows that are set. O(words).
    mutating func dropFirst(_ limit: Int) {
        var first = self
        first.truncate(toFirst: limit)
        subtract(first)
    }

    /// The rows that are set, ascending. O(count / 64 + set).
    var rows: [Int32] {
        var rows: [Int32] = []
        rows.reserveCapacity(setCount)
        visit { rows.append(Int32(truncatingIfNeeded: $0)) }
        return rows
    }

    /// Calls `body` with each set row, ascending.
    @inline(__always)
    func visit(_ body: (Int) throws -> Void) rethrows {
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                try body(index << 6 | word.trailingZeroBitCount)
                word &= word &- 1
            }
        }
    }

    /// Removes each set row for which `keep` is false. The words are written once each.
    @inline(__always)
    mutating func filter(_ keep: (Int) -> Bool) {
        for index in words.indices {
            let input = words[index]
            if input == 0 { continue }
            var word = input
            var output: UInt64 = 0
            while word != 0 {
                let bit = word.trailingZeroBitCount
                if keep(index << 6 | bit) { output |= 1 << UInt64(bit) }
                word &= word &- 1
            }
            words[index] = output
        }
    }
}
