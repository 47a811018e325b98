import Bytes

/// Writes values so that the parser reads them back: bare where that is safe, in double quotes elsewhere.
enum QuotedText {
    /// Letters, digits, `_`, `.` and what is visible beyond ASCII. O(length).
    static func isBare(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0.isWordByte || $0 == UInt8(ascii: ".") }) else { return false }
        return bytes.allSatisfy { $0 < 0x80 } || isPlainText(bytes)
    }

    /// Valid UTF-8 without the spaces and controls beyond ASCII.
    private static func isPlainText(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { !isInvisible($0) && !$0.properties.isWhitespace }
    }

    static func appendQuoted(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var rest = bytes[...]
        while let byte = rest.first {
            if byte < 0x80 {
                appendASCII(byte, to: &output)
                rest = rest.dropFirst()
            } else if let (scalar, length) = leadingScalar(rest), !isInvisible(scalar) {
                output += rest.prefix(length)
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
        case 0x20..<0x7F: output.append(byte)
        default: appendEscape(byte, to: &output)
        }
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        output += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
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
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
