extension QueryError: CustomStringConvertible {
    /// One line: the message, what was meant or expected, and the place.
    public var description: String { "\(message)\(hint) at byte \(offset)" }

    /// The message, the line of the query that it is about, and a caret under the place:
    ///
    ///     unknown pipe `sotr`; did you mean `sort`?
    ///       error | sotr by (_time)
    ///               ^
    public func marked(in text: String) -> String {
        let bytes = Array(text.utf8)
        let place = min(max(offset, 0), bytes.count)
        let lineStart = bytes[..<place].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let lineEnd = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        // A long line is shown from a little before the place.
        var start = max(lineStart, place - 100)
        while start < place, bytes[start] & 0xC0 == 0x80 { start += 1 }
        var end = min(lineEnd, place + 60)
        while end < lineEnd, bytes[end] & 0xC0 == 0x80 { end += 1 }
        let before = visible(bytes[start..<place])
        let line = (start > lineStart ? "…" : "") + before + visible(bytes[place..<end]) + (end < lineEnd ? "…" : "")
        let indent = String(repeating: " ", count: before.unicodeScalars.count + (start > lineStart ? 1 : 0))
        return "\(message)\(hint)\n  \(line)\n  \(indent)^"
    }

    private var hint: String {
        if let suggestion { return "; did you mean `\(suggestion)`?" }
        guard !expected.isEmpty else { return "" }
        let shown = expected.prefix(8).joined(separator: ", ")
        return "; expected \(shown)\(expected.count > 8 ? ", …" : "")"
    }

    /// Tabs and controls as one space each, so that the caret stands right and a terminal is safe.
    private func visible(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
}
