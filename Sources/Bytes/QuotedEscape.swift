/// The escapes of texts in quotes, in queries and in values.
public enum QuotedEscape {
    /// What is wrong with one.
    public enum Fault: Error {
        case unknown
        case missingDigits(Int)
        case largerThanByte
        case noCharacter
    }

    /// Resolves the escape whose letter, behind the backslash, stands at `offset`; returns its length from there. The
    /// text's own quote is the only one that may be escaped. O(1).
    public static func append(
        _ text: RawSpan, at offset: Int, within quote: UInt8, to value: inout [UInt8]
    ) throws(Fault) -> Int {
        guard offset < text.byteCount else { throw .unknown }
        let letter = text[offset]
        switch letter {
        case quote, UInt8(ascii: "\\"): value.append(letter)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "a"): value.append(0x07)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "v"): value.append(0x0B)
        case UInt8(ascii: "x"): return 1 + (try appendByte(text, at: offset + 1, digits: 2, radix: 16, to: &value))
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            return try appendByte(text, at: offset, digits: 3, radix: 8, to: &value)
        case UInt8(ascii: "u"): return 1 + (try appendCharacter(text, at: offset + 1, digits: 4, to: &value))
        case UInt8(ascii: "U"): return 1 + (try appendCharacter(text, at: offset + 1, digits: 8, to: &value))
        default: throw .unknown
        }
        return 1
    }

    private static func number(_ text: RawSpan, at start: Int, digits: Int, radix: UInt32) throws(Fault) -> UInt32 {
        var number: UInt32 = 0
        for index in start..<start + digits {
            guard index < text.byteCount, let digit = text[index].hexDigit, UInt32(digit) < radix else {
                throw .missingDigits(digits)
            }
            number = number &* radix &+ UInt32(digit)
        }
        return number
    }

    private static func appendByte(
        _ text: RawSpan, at start: Int, digits: Int, radix: UInt32, to value: inout [UInt8]
    ) throws(Fault) -> Int {
        let byte = try number(text, at: start, digits: digits, radix: radix)
        guard byte < 256 else { throw .largerThanByte }
        value.append(UInt8(byte))
        return digits
    }

    private static func appendCharacter(
        _ text: RawSpan, at start: Int, digits: Int, to value: inout [UInt8]
    ) throws(Fault) -> Int {
        guard let scalar = Unicode.Scalar(try number(text, at: start, digits: digits, radix: 16)) else {
            throw .noCharacter
        }
        value.append(contentsOf: String(scalar).utf8)
        return digits
    }
}
