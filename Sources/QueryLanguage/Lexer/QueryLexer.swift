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
    mutating func move(to position: Int) throws(QueryError) {
        let start = skipSpace(from: position)
        let isAfterSpace = start > position || position == 0
        guard start < bytes.count else {
            token = Token(kind: .end, start: bytes.count, end: bytes.count, isAfterSpace: isAfterSpace)
            return
        }
        let byte = bytes[start]
        if byte.isQuote {
            let (value, end) = try quotedText(from: start)
            token = Token(kind: .quoted(value), start: start, end: end, isAfterSpace: isAfterSpace)
        } else if byte.isWordByte {
            var end = start + 1
            while end < bytes.count, bytes[end].isWordByte { end += 1 }
            token = Token(kind: .word, start: start, end: end, isAfterSpace: isAfterSpace)
        } else {
            token = Token(kind: .symbol(byte), start: start, end: start + 1, isAfterSpace: isAfterSpace)
        }
    }

    /// Position of the first byte that is neither space nor in a comment.
    func skipSpace(from position: Int) -> Int {
        var index = position
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "#") {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if bytes[index].isSpace {
                index += 1
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

    /// End of the run of bytes from `start` that the predicate accepts.
    func endOfRun(from start: Int, while accepts: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, accepts(bytes[end]) { end += 1 }
        return end
    }
}
