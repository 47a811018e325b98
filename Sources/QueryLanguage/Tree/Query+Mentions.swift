import Bytes

extension Query {
    /// Names of fields that the query asks for: in front of a colon in a filter, or anywhere in a pipe. Words of a pipe
    /// that mean something else are among them. O(length of the query).
    public var mentionedNames: Set<ByteString> {
        var names: Set<ByteString> = []
        let text = Array(description.utf8)
        var isInPipe = false
        var at = 0
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") {
                let end = Query.quoteEnd(text, from: at)
                // A name that needs quotes, and a text that happens to be one.
                let isName = isInPipe || (end < text.count && text[end] == UInt8(ascii: ":"))
                if isName { names.insert(ByteString(text[(at + 1)..<(end - 1)])) }
                at = end
            } else if Query.isNameByte(byte) {
                let start = at
                while at < text.count, Query.isNameByte(text[at]) { at += 1 }
                let isName = isInPipe || (at < text.count && text[at] == UInt8(ascii: ":"))
                if isName { names.insert(ByteString(text[start..<at])) }
            } else {
                if byte == UInt8(ascii: "|") { isInPipe = true }
                at += 1
            }
        }
        return names
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isDigit || (byte | 0x20) &- 97 < 26 || byte >= 0x80 || "_.@-/".utf8.contains(byte)
    }

    /// Behind the closing quote.
    private static func quoteEnd(_ text: [UInt8], from start: Int) -> Int {
        var at = start + 1
        while at < text.count, text[at] != UInt8(ascii: "\"") { at += text[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(at + 1, text.count)
    }
}
