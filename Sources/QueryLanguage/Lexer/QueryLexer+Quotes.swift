import Bytes

extension QueryLexer {
    /// Reads `"…"`, `'…'` (with escapes) or `` `…` `` (without), and gives the value and the position after it.
    /// O(length).
    func quotedText(from start: Int) throws(QueryError) -> (ByteString, Int) {
        let quote = bytes[start]
        var value: [UInt8] = []
        var index = start + 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == quote { return (ByteString(value), index + 1) }
            if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`") {
                index = try appendEscape(at: index, within: quote, to: &value)
            } else if byte == UInt8(ascii: "\n"), quote == UInt8(ascii: "\"") {
                break
            } else {
                value.append(byte)
                index += 1
            }
        }
        throw QueryError(
            "the quote is not closed", offset: start, expected: [String(Unicode.Scalar(quote))])
    }

    /// Resolves the escape at a backslash and gives the position after it.
    private func appendEscape(
        at backslash: Int, within quote: UInt8, to value: inout [UInt8]
    ) throws(QueryError) -> Int {
        let letter = byte(at: backslash + 1)
        switch letter {
        case quote, UInt8(ascii: "\\"): value.append(letter)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "a"): value.append(0x07)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "v"): value.append(0x0B)
        case UInt8(ascii: "x"): return try appendNumber(at: backslash, digits: 2, radix: 16, from: 2, to: &value)
        case UInt8(ascii: "u"): return try appendNumber(at: backslash, digits: 4, radix: 16, from: 2, to: &value)
        case UInt8(ascii: "U"): return try appendNumber(at: backslash, digits: 8, radix: 16, from: 2, to: &value)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            return try appendNumber(at: backslash, digits: 3, radix: 8, from: 1, to: &value)
        default:
            throw QueryError(
                "unknown escape in quotes", offset: backslash,
                expected: ["\\\\", "\\\"", "\\n", "\\t", "\\xFF", "\\u00FF"])
        }
        return backslash + 2
    }

    private func appendNumber(
        at backslash: Int, digits: Int, radix: UInt32, from skip: Int, to value: inout [UInt8]
    ) throws(QueryError) -> Int {
        var number: UInt32 = 0
        for position in backslash + skip..<backslash + skip + digits {
            guard let digit = byte(at: position).hexDigit, UInt32(digit) < radix else {
                throw QueryError("the escape needs \(digits) digits", offset: backslash)
            }
            number = number &* radix &+ UInt32(digit)
        }
        if digits <= 3 {
            guard number < 256 else { throw QueryError("the escape is larger than a byte", offset: backslash) }
            value.append(UInt8(number))
        } else {
            guard let scalar = Unicode.Scalar(number) else {
                throw QueryError("the escape is no Unicode character", offset: backslash)
            }
            value += UTF8.encode(scalar).map { Array($0) } ?? []
        }
        return backslash + skip + digits
    }
}
