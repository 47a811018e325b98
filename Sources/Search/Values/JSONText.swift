import Bytes

/// Strings and fields as JSON text.
enum JSONText {
    /// Appends a quoted string: `"`, `\` and control characters escaped, everything else as it is.
    static func appendString(_ value: RawSpan, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for index in 0..<value.byteCount {
            let byte = value[index]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                output.append(byte)
            } else {
                appendEscaped(byte, to: &output)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// The same with `<` and `'` as `\u003c` and `\u0027`: how JSON that becomes a value of a field is written, so
    /// that it can stand in a page.
    static func appendPageSafeString(_ value: RawSpan, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for index in 0..<value.byteCount {
            let byte = value[index]
            switch byte {
            case UInt8(ascii: "<"): output.append(contentsOf: "\\u003c".utf8)
            case UInt8(ascii: "'"): output.append(contentsOf: "\\u0027".utf8)
            case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): appendEscaped(byte, to: &output)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: "u00".utf8)
            StreamNames.appendHex(UInt64(byte), digits: 2, to: &output)
        }
    }

    /// Reads a string that begins with `"` at `offset`; nil if it is not closed or an escape is wrong. `keepsUnknown`:
    /// what is no escape stays as it is written instead.
    static func string(
        _ text: RawSpan, at offset: Int, keepsUnknown: Bool = false
    ) -> (value: [UInt8], end: Int)? {
        let count = text.byteCount
        guard offset < count, text[offset] == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var at = offset + 1
        while at < count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") { return (value, at + 1) }
            if byte != UInt8(ascii: "\\") {
                value.append(byte)
                at += 1
                continue
            }
            guard at + 1 < count else { return nil }
            if let length = appendUnescaped(text, at: at + 1, keepsUnknown, to: &value) {
                at += 1 + length
            } else if keepsUnknown {
                value.append(UInt8(ascii: "\\"))
                value.append(text[at + 1])
                at += 2
            } else {
                return nil
            }
        }
        return nil
    }

    /// The escape that begins at `offset`, behind its backslash. Returns its length.
    private static func appendUnescaped(
        _ text: RawSpan, at offset: Int, _ keepsUnknown: Bool, to value: inout [UInt8]
    ) -> Int? {
        switch text[offset] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): value.append(text[offset])
        case UInt8(ascii: "'") where !keepsUnknown: value.append(text[offset])
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "u"):
            return appendCharacter(text, at: offset + 1, keepsUnknown, to: &value)
        default: return nil
        }
        return 1
    }

    /// The digits behind `\u`, and those of the other half of a character that has two. Returns the escape's length.
    private static func appendCharacter(
        _ text: RawSpan, at offset: Int, _ keepsUnknown: Bool, to value: inout [UInt8]
    ) -> Int? {
        guard let code = hex4(text, at: offset) else { return nil }
        if let scalar = Unicode.Scalar(code) {
            value.append(contentsOf: String(scalar).utf8)
            return 5
        }
        let isFollowed =
            offset + 5 < text.byteCount && text[offset + 4] == UInt8(ascii: "\\")
            && text[offset + 5] == UInt8(ascii: "u")
        let low = isFollowed ? hex4(text, at: offset + 6) : nil
        if code < 0xDC00, let low, (0xDC00..<0xE000).contains(low) {
            let whole = Unicode.Scalar(0x10000 + (code - 0xD800) << 10 + (low - 0xDC00))
            value.append(contentsOf: String(whole ?? "\u{FFFD}").utf8)
            return 11
        }
        // Half a character alone is none, and two that do not belong together are one that cannot be read.
        if keepsUnknown, low == nil { return nil }
        value.append(contentsOf: "\u{FFFD}".utf8)
        return keepsUnknown ? 11 : 5
    }

    private static func hex4(_ text: RawSpan, at offset: Int) -> UInt32? {
        guard offset + 4 <= text.byteCount else { return nil }
        var value: UInt32 = 0
        for index in offset..<(offset + 4) {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
