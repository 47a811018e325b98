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
        do throws(QuotedEscape.Fault) {
            return backslash + 1
                + (try QuotedEscape.append(bytes.rawSpan, at: backslash + 1, within: quote, to: &value))
        } catch {
            switch error {
            case .unknown:
                throw QueryError(
                    "unknown escape in quotes", offset: backslash,
                    expected: ["\\\\", "\\\"", "\\n", "\\t", "\\xFF", "\\u00FF"])
            case .missingDigits(let digits):
                throw QueryError("the escape needs \(digits) digits", offset: backslash)
            case .largerThanByte: throw QueryError("the escape is larger than a byte", offset: backslash)
            case .noCharacter: throw QueryError("the escape is no Unicode character", offset: backslash)
            }
        }
    }
}
