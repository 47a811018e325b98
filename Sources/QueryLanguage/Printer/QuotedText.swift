import Bytes

/// Writes values so that the parser reads them back: bare where that is safe, in double quotes elsewhere.
enum QuotedText {
    /// Letters, digits, `_` and `.`. O(length).
    static func isBare(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return false }
        if bytes.allSatisfy({ $0.isWordByte || $0 == UInt8(ascii: ".") }) { return true }
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy(\.isInWord)
    }

    /// Whether it begins as a number does, so that a text that happens to look like one keeps its quotes.
    static func beginsLikeNumber(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if String(decoding: rest, as: UTF8.self).lowercased() == "inf" { return true }
        if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst() }
        return rest.first?.isDigit ?? false
    }

    static func appendQuoted(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var rest = bytes[...]
        while let byte = rest.first {
            if byte < 0x80 {
                appendASCII(byte, to: &output)
                rest = rest.dropFirst()
            } else if let (scalar, length) = leadingScalar(rest) {
                if isInvisible(scalar) { appendEscape(scalar, to: &output) } else { output += rest.prefix(length) }
                rest = rest.dropFirst(length)
            } else {
                appendEscape(byte, to: &output)
                rest = rest.dropFirst()
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func appendASCII(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): output += Array("\\n".utf8)
        case UInt8(ascii: "\r"): output += Array("\\r".utf8)
        case UInt8(ascii: "\t"): output += Array("\\t".utf8)
        case 0x07: output += Array("\\a".utf8)
        case 0x08: output += Array("\\b".utf8)
        case 0x0B: output += Array("\\v".utf8)
        case 0x0C: output += Array("\\f".utf8)
        case 0x20..<0x7F: output.append(byte)
        default: appendEscape(byte, to: &output)
        }
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        output += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func appendEscape(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value > 0xFFFF ? 8 : 4
        output += Array((width == 8 ? "\\U" : "\\u").utf8)
        output += Array(String(repeating: "0", count: width - digits.count).utf8) + Array(digits.utf8)
    }

    /// The scalar at the front and its length, if the bytes there are valid UTF-8.
    private static func leadingScalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        let length = bytes[bytes.startIndex] < 0xE0 ? 2 : bytes[bytes.startIndex] < 0xF0 ? 3 : 4
        guard let text = String(validating: bytes.prefix(length), as: UTF8.self) else { return nil }
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else { return nil }
        return (scalar, length)
    }

    /// Controls, formats (bidirectional marks among them), and what has no glyph.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            true
        default: false
        }
    }
}
