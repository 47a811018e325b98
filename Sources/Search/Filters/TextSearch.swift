import Bytes
import Records

/// Occurrences of a text within values, as words or anywhere.
enum TextSearch {
    /// Where the phrase occurs at or after `start`, between word boundaries on those sides where the phrase has a word
    /// character (`atStart`, `atEnd` say whether to ask for them).
    static func find(
        _ phrase: RawSpan, in text: RawSpan, from start: Int = 0, atStart: Bool, atEnd: Bool
    ) -> Int? {
        var at = start
        while let found = firstRange(of: phrase, in: text, from: at) {
            if isBounded(text, 0..<text.byteCount, found, length: phrase.byteCount, atStart: atStart, atEnd: atEnd) {
                return found
            }
            at = found + 1
        }
        return nil
    }

    /// Whether an occurrence at `offset` of a longer text, of which `range` is the value, stands between word
    /// boundaries.
    @inline(__always)
    static func isBounded(
        _ text: RawSpan, _ range: Range<Int>, _ offset: Int, length: Int, atStart: Bool, atEnd: Bool
    ) -> Bool {
        if atStart, offset > range.lowerBound, Words.isWord(text, before: offset, start: range.lowerBound) {
            return false
        }
        let end = offset + length
        return !(atEnd && end < range.upperBound && Words.isWord(text, at: end))
    }

    /// Keeps the rows in which `needle` occurs such that `accept` (given all texts, the row's range in them, and the
    /// place) says yes. One pass over the arena when many rows are asked. O(bytes).
    @inline(__always)
    static func narrow(
        _ rows: inout Bitmap, texts: StringColumn, needle: [UInt8],
        accept: (_ arena: RawSpan, _ range: Range<Int>, _ offset: Int) -> Bool
    ) {
        let arena = texts.arena.rawSpan
        var found = Bitmap(count: rows.count)
        if rows.setCount * 4 < rows.count {
            rows.visit { row in
                let range = texts.range(row)
                let value = arena.slice(range.lowerBound, range.count)
                var at = 0
                while let place = firstRange(of: needle.rawSpan, in: value, from: at) {
                    if accept(arena, range, range.lowerBound + place) { return found.insert(row) }
                    at = place + 1
                }
            }
        } else {
            var at = 0
            var row = 0
            while let place = firstRange(of: needle.rawSpan, in: arena, from: at) {
                row = self.row(of: place, in: texts, from: row)
                let range = texts.range(row)
                if !rows.contains(row) {
                    at = range.upperBound
                } else if place + needle.count <= range.upperBound, accept(arena, range, place) {
                    found.insert(row)
                    at = range.upperBound
                } else {
                    at = place + 1
                }
            }
        }
        rows = found
    }

    /// The row whose value holds byte `offset` of the arena, at or after `row`: doubling steps, then halving. O(log
    /// distance).
    @inline(__always)
    private static func row(of offset: Int, in texts: StringColumn, from row: Int) -> Int {
        let wanted = UInt32(offset)
        var low = row
        var step = 1
        while low + step < texts.count, texts.offsets[low + step] <= wanted {
            low += step
            step *= 2
        }
        var high = min(low + step, texts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if texts.offsets[middle] <= wanted { low = middle } else { high = middle }
        }
        return low
    }
}
