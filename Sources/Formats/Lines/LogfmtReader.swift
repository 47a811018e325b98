import Bytes

/// Reads `key=value key="quoted \"value\"" flag` from left to right. A key without `=` is true, as in logfmt's own
/// reader.
struct LogfmtReader {
    /// Byte ranges within the line.
    var key: Range<Int> = 0..<0
    var value: Range<Int> = 0..<0
    /// Whether the value was quoted and has escapes to resolve.
    var hasEscapes = false
    var hasValue = false
    private var place = 0

    /// Moves to the next pair; false at the end, or at text that is no pair.
    mutating func next(_ line: RawSpan) -> Bool {
        let count = line.byteCount
        while place < count && line[place] <= 0x20 { place += 1 }
        let start = place
        while place < count && line[place] > 0x20 && line[place] != UInt8(ascii: "=") && line[place] != .quote {
            place += 1
        }
        guard place > start else { return false }
        key = start..<place
        value = place..<place
        hasEscapes = false
        hasValue = place < count && line[place] == UInt8(ascii: "=")
        guard hasValue else { return place == count || line[place] <= 0x20 }
        place += 1
        guard place < count && line[place] == .quote else {
            let first = place
            while place < count && line[place] > 0x20 { place += 1 }
            value = first..<place
            return true
        }
        return readQuoted(line)
    }

    private mutating func readQuoted(_ line: RawSpan) -> Bool {
        let first = place + 1
        place = first
        while place < line.byteCount && line[place] != .quote {
            if line[place] == UInt8(ascii: "\\") {
                hasEscapes = true
                place += 1
            }
            place += 1
        }
        guard place < line.byteCount else { return false }
        value = first..<place
        place += 1
        return true
    }

    /// Whether the whole line has been read as pairs.
    func isAtEnd(_ line: RawSpan) -> Bool { place >= line.byteCount }

    /// At least two pairs with values, and nothing but pairs.
    static func looksLikeOne(_ line: RawSpan) -> Bool {
        var reader = LogfmtReader()
        var pairs = 0
        while reader.next(line) {
            guard reader.hasValue else { return false }
            pairs += 1
        }
        return pairs >= 2 && reader.isAtEnd(line)
    }
}
