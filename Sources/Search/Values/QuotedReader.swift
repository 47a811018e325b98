import Bytes

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
                guard let length = appendEscape(text, at: at + 1, to: &value) else { return nil }
                at += 1 + length
            default:
                value.append(text[at])
                at += 1
            }
        }
        return nil
    }

    /// The escape whose letter is at `offset`. Returns its length.
    private static func appendEscape(_ text: RawSpan, at offset: Int, to value: inout [UInt8]) -> Int? {
        guard offset < text.byteCount else { return nil }
        switch text[offset] {
        case UInt8(ascii: "a"): value.append(0x07)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "v"): value.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): value.append(text[offset])
        case UInt8(ascii: "x"): return appendByte(text, at: offset + 1, digits: 2, radix: 16, to: &value)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            return appendByte(text, at: offset, digits: 3, radix: 8, to: &value)
        case UInt8(ascii: "u"): return appendCharacter(text, at: offset + 1, digits: 4, to: &value)
        case UInt8(ascii: "U"): return appendCharacter(text, at: offset + 1, digits: 8, to: &value)
        default: return nil
        }
        return 1
    }

    private static func number(_ text: RawSpan, at start: Int, digits: Int, radix: UInt32) -> UInt32? {
        guard start + digits <= text.byteCount else { return nil }
        return UInt32(String(decoding: ByteString(text.slice(start, digits)).bytes, as: UTF8.self), radix: Int(radix))
    }

    private static func appendByte(
        _ text: RawSpan, at start: Int, digits: Int, radix: UInt32, to value: inout [UInt8]
    ) -> Int? {
        guard let byte = number(text, at: start, digits: digits, radix: radix), byte < 256 else { return nil }
        value.append(UInt8(byte))
        return radix == 16 ? digits + 1 : digits
    }

    private static func appendCharacter(
        _ text: RawSpan, at start: Int, digits: Int, to value: inout [UInt8]
    ) -> Int? {
        guard let code = number(text, at: start, digits: digits, radix: 16), let scalar = Unicode.Scalar(code) else {
            return nil
        }
        value.append(contentsOf: String(scalar).utf8)
        return digits + 1
    }
}
