import Bytes

/// Cuts a query's text into tokens, one ahead of the parser. A copy is a place to come back to.
struct QueryLexer {
    let bytes: [UInt8]
    private(set) var token = Token(kind: .end, start: 0, end: 0, isAfterSpace: true)

    init(_ text: [UInt8]) throws(QueryError) {
        bytes = text
        try move(to: 0)
    }

    /// Goes to the next token. O(length of it).
    mutating func advance() throws(QueryError) { try move(to: token.end) }

    /// Goes to the first token at or after a position.
    private mutating func move(to position: Int) throws(QueryError) {
        let start = skipSpace(from: position)
        let isAfterSpace = start > position || position == 0
        guard start < bytes.count else {
            token = Token(kind: .end, start: bytes.count, end: bytes.count, isAfterSpace: isAfterSpace)
            return
        }
        let (scalar, length) = scalar(at: start)
        if scalar.isInWord {
            var end = start + length
            while end < bytes.count, case let (next, size) = self.scalar(at: end), next.isInWord { end += size }
            token = Token(kind: .word, start: start, end: end, isAfterSpace: isAfterSpace)
        } else if bytes[start].isQuote {
            let (value, end) = try quotedText(from: start)
            token = Token(kind: .quoted(value), start: start, end: end, isAfterSpace: isAfterSpace)
        } else {
            let pair = pair(at: start)
            let end = start + (pair == nil ? length : 2)
            token = Token(kind: pair ?? .symbol(scalar), start: start, end: end, isAfterSpace: isAfterSpace)
        }
    }

    private func pair(at start: Int) -> Token.Kind? {
        switch (bytes[start], byte(at: start + 1)) {
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): .notEqual
        case (UInt8(ascii: "="), UInt8(ascii: "~")): .matches
        case (UInt8(ascii: "!"), UInt8(ascii: "~")): .notMatches
        default: nil
        }
    }

    /// The character at a position and its length in bytes; U+FFFD for a byte that begins none.
    private func scalar(at position: Int) -> (Unicode.Scalar, Int) {
        let byte = bytes[position]
        if byte < 0x80 { return (Unicode.Scalar(byte), 1) }
        var decoder = UTF8()
        var rest = bytes[position...].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else { return ("\u{FFFD}", 1) }
        return (scalar, UTF8.width(scalar))
    }

    /// Position of the first byte that is neither space nor in a comment.
    private func skipSpace(from position: Int) -> Int {
        var index = position
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "#") {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if bytes[index].isSpace {
                index += 1
            } else if bytes[index] >= 0x80, case let (scalar, length) = scalar(at: index),
                scalar.properties.isWhitespace
            {
                index += length
            } else {
                break
            }
        }
        return index
    }

    /// The first byte after the token that is not space, or 0 at the end.
    var byteAhead: UInt8 { byte(at: skipSpace(from: token.end)) }

    /// The byte directly after the token, or 0 at the end.
    var adjacentByte: UInt8 { byte(at: token.end) }

    func byte(at position: Int) -> UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// The token's text as it stands in the query, in lower case.
    var lowercased: String { String(decoding: bytes[token.start..<token.end], as: UTF8.self).lowercased() }
}
