import Bytes

/// A bit a row for "has a value", for questions about a few rows of many.
struct PresenceBits {
    let bytes: [UInt8]
    let count: Int

    init(_ bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }

    func contains(_ row: Int) -> Bool { bytes[row >> 3] >> UInt8(row & 7) & 1 == 1 }

    /// How many of the rows before `row`, at most `count`, have a value. O(rows / 64).
    func rank(of row: Int) -> Int { rank(of: row, after: 0) }

    /// The same of the rows from a multiple of 64 on.
    private func rank(of row: Int, after start: Int) -> Int {
        var rank = 0
        var next = start
        let span = bytes.rawSpan
        while next + 64 <= row {
            rank += span.loadUInt64(at: next >> 3).nonzeroBitCount
            next += 64
        }
        while next + 8 <= row {
            rank += bytes[next >> 3].nonzeroBitCount
            next += 8
        }
        if next < row { rank += (bytes[next >> 3] & (1 << UInt8(row - next) - 1)).nonzeroBitCount }
        return rank
    }

    /// Ranks of those of some rows (ascending) that have a value. O(rows of the block / 64 + rows).
    func ranks(of rows: [Int]) -> [Int] {
        var ranks: [Int] = []
        var start = 0
        var before = 0
        for row in rows where contains(row) {
            let next = row & ~63
            before += rank(of: next, after: start)
            start = next
            ranks.append(before + rank(of: row, after: start))
        }
        return ranks
    }

    /// The rows that stand at some ranks (ascending), the reverse of `ranks`. O(rows of the block / 64 + ranks).
    func rows(at ranks: [Int]) -> [Int] {
        var rows: [Int] = []
        var before = 0
        var start = 0
        for wanted in ranks {
            while start + 64 <= count {
                let inside = rank(of: start + 64, after: start)
                if before + inside > wanted { break }
                before += inside
                start += 64
            }
            var row = start
            var seen = before
            while row < count {
                if contains(row) {
                    if seen == wanted { break }
                    seen += 1
                }
                row += 1
            }
            if row < count { rows.append(row) }
        }
        return rows
    }
}
