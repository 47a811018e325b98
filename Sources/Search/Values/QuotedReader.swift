import Bytes
import QueryLanguage

/// Strings in quotes inside values: in double quotes with the escapes of the query language, in backquotes without.
enum QuotedReader {
    /// Reads a string that begins at `offset`. Nil if none does, it is not closed on its line, or an escape is wrong.
    /// O(length).
    static func read(_ text: RawSpan, at offset: Int) -> (value: [UInt8], end: Int)? {
        guard offset < text.byteCount else { return nil }
        if text[offset] == UInt8(ascii: "`") {
            guard let close = firstIndex(of: UInt8(ascii: "`"), in: text, from: offset + 1) else { return nil }
            let value = ByteString(text.slice(offset + 1, close - offset - 1)).bytes
            return (value.filter { $0 != 0x0D }, close + 1)
        }
        guard text[offset] == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var at = offset + 1
        while at < text.byteCount {
            switch text[at] {
            case UInt8(ascii: "\""): return (value, at + 1)
            case 0x0A: return nil
            case UInt8(ascii: "\\"):
                guard
                    let length = try? QuotedEscape.append(text, at: at + 1, within: UInt8(ascii: "\""), to: &value)
                else { return nil }
                at += 1 + length
            default:
                value.append(text[at])
                at += 1
            }
        }
        return nil
    }
}
