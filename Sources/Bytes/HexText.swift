/// Hexadecimal digits to and from binary, high digit first.
public enum HexText {
    /// The value of a digit of one case; 255 for any other byte.
    @inlinable
    public static func digit(_ byte: UInt8, upperCase: Bool) -> UInt8 {
        let decimal = byte &- UInt8(ascii: "0")
        if decimal < 10 { return decimal }
        let letter = byte &- UInt8(ascii: upperCase ? "A" : "a")
        return letter < 6 ? letter + 10 : 255
    }

    @inlinable
    static func asciiDigit(_ value: UInt8, letter: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : letter + (value - 10)
    }

    /// Appends the binary form of the digits, the last byte's low half zero where their number is odd. False, with
    /// `output` as it was, where a byte is no digit of the case. O(length).
    @inlinable
    public static func decode(_ text: RawSpan, upperCase: Bool, to output: inout [UInt8]) -> Bool {
        let before = output.count
        var offset = 0
        var wrong: UInt8 = 0
        while offset < text.byteCount {
            let high = digit(text[offset], upperCase: upperCase)
            let low = offset + 1 < text.byteCount ? digit(text[offset + 1], upperCase: upperCase) : 0
            wrong |= high | low
            output.append(high << 4 | (low & 0x0F))
            offset += 2
        }
        if wrong > 15 {
            output.removeLast(output.count - before)
            return false
        }
        return true
    }

    /// Appends `digits` digits of the binary form; the span must hold them. O(digits).
    @inlinable
    public static func append(_ bytes: RawSpan, digits: Int, upperCase: Bool, to output: inout [UInt8]) {
        let letter = UInt8(ascii: upperCase ? "A" : "a")
        for position in 0..<digits {
            let byte = bytes[position >> 1]
            output.append(asciiDigit(position & 1 == 0 ? byte >> 4 : byte & 0x0F, letter: letter))
        }
    }

    /// Whether all bytes are digits, of either case or both. O(length).
    public static func isHexadecimal(_ text: RawSpan) -> Bool {
        for offset in 0..<text.byteCount {
            let byte = text[offset]
            if digit(byte, upperCase: false) == 255, digit(byte, upperCase: true) == 255 { return false }
        }
        return true
    }
}

extension UInt8 {
    /// What an ASCII digit of either case stands for, 0…15, or nil.
    public var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
