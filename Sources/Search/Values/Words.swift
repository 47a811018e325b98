import Bytes

/// Words as LogsQL has them: runs of letters and digits of any script and `_`.
enum Words {
    /// Whether each ASCII byte belongs to a word.
    @usableFromInline static let asciiWordBytes: [Bool] = (0..<128).map { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }

    @inline(__always)
    static func isASCIIWordByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || byte == 95
    }

    static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return isASCIIWordByte(UInt8(scalar.value)) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
            return true
        default: return false
        }
    }

    /// The character that begins at `offset`, and its length in bytes; U+FFFD of length 1 where there is none.
    static func scalar(_ text: RawSpan, at offset: Int) -> (scalar: Unicode.Scalar, length: Int) {
        let length = utf8SequenceLength(text, at: offset)
        let first = UInt32(text[offset])
        var value: UInt32
        switch length {
        case 1: value = first
        case 2: value = first & 0x1F
        case 3: value = first & 0x0F
        case 4: value = first & 0x07
        default: return ("\u{FFFD}", 1)
        }
        if length > 1 {
            for index in 1..<length { value = value << 6 | UInt32(text[offset + index] & 0x3F) }
        }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    /// Whether the character that begins at `offset` belongs to a word. O(1).
    @inline(__always)
    static func isWord(_ text: RawSpan, at offset: Int) -> Bool {
        let byte = text[offset]
        return byte < 0x80 ? isASCIIWordByte(byte) : isWordScalar(scalar(text, at: offset).scalar)
    }

    /// Whether the character that ends before `offset` belongs to a word; `start` is where the text begins. O(1).
    @inline(__always)
    static func isWord(_ text: RawSpan, before offset: Int, start: Int = 0) -> Bool {
        let byte = text[offset - 1]
        return byte < 0x80 ? isASCIIWordByte(byte) : isLongWord(text, before: offset, start: start)
    }

    private static func isLongWord(_ text: RawSpan, before offset: Int, start: Int) -> Bool {
        var at = offset - 1
        while at > start && offset - at < 4 && text[at] & 0xC0 == 0x80 { at -= 1 }
        return isWordScalar(scalar(text, at: at).scalar)
    }

    /// The words of a text, in order. O(length).
    static func ranges(_ text: RawSpan) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var at = 0
        var wordStart: Int? = nil
        while at < text.byteCount {
            let (scalar, length) = scalar(text, at: at)
            if isWordScalar(scalar) {
                if wordStart == nil { wordStart = at }
            } else if let start = wordStart {
                ranges.append(start..<at)
                wordStart = nil
            }
            at += length
        }
        if let start = wordStart { ranges.append(start..<at) }
        return ranges
    }

    static func list(_ text: ByteString) -> [ByteString] {
        ranges(text.bytes.rawSpan).map { ByteString(text.bytes[$0]) }
    }

    /// The text in lower case, character by character. O(length).
    static func lowercased(_ text: RawSpan) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.byteCount)
        appendLowercased(text, to: &output)
        return output
    }

    static func appendLowercased(_ text: RawSpan, to output: inout [UInt8]) {
        var at = 0
        while at < text.byteCount {
            let byte = text[at]
            if byte < 0x80 {
                output.append(byte &- 65 < 26 ? byte | 0x20 : byte)
                at += 1
            } else {
                let (scalar, length) = scalar(text, at: at)
                output.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
                at += length
            }
        }
    }
}
