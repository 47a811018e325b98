import Bytes

/// Lines that are not blank: what a parser counts as records. A last line without a line feed counts. O(bytes).
public func countRecords(_ lines: RawSpan) -> Int {
    var count = 0
    var start = 0
    while start < lines.byteCount {
        let end = firstIndex(of: .lineFeed, in: lines, from: start) ?? lines.byteCount
        // Nearly every line begins with something else than white space.
        if end > start && (lines[start] > 0x20 || !isBlankLine(lines.slice(start, end - start))) { count += 1 }
        start = end + 1
    }
    return count
}
