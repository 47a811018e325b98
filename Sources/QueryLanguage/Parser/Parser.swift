import Bytes
import Records

/// A recursive-descent parser. Its parts are in extensions by kind of node; here is what they share.
struct Parser {
    var lexer: QueryLexer
    let now: Int64
    private var depth = 0

    init(_ text: String, now: Int64) throws(QueryError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Limits.queryBytes else {
            throw QueryError("the query is longer than \(Limits.queryBytes) bytes", offset: Limits.queryBytes)
        }
        lexer = try QueryLexer(bytes)
        self.now = now
    }

    /// Runs a rule one level deeper.
    mutating func nested<Result>(_ rule: (inout Parser) throws(QueryError) -> Result) throws(QueryError) -> Result {
        guard depth < Limits.queryDepth else {
            throw fail("the query is nested deeper than \(Limits.queryDepth) levels")
        }
        depth += 1
        defer { depth -= 1 }
        return try rule(&self)
    }

    // MARK: looking

    func isSymbol(_ symbol: Unicode.Scalar) -> Bool { lexer.token.kind == .symbol(UInt8(ascii: symbol)) }

    var isAtEnd: Bool { lexer.token.kind == .end }

    /// The current word in lower case, if it stands alone: not part of `and-so-on`, and no field name before a colon.
    var keyword: String? {
        guard lexer.token.kind == .word else { return nil }
        let next = lexer.adjacentByte
        return next.isGlue || next == UInt8(ascii: ":") ? nil : lexer.lowercased
    }

    func isKeyword(_ word: String) -> Bool { keyword == word }

    /// Whether nothing separates the current token from the one before.
    var isAdjacent: Bool { !lexer.token.isAfterSpace }

    /// Where a pipe, or the list that it is in, ends.
    var isAtPipeEnd: Bool { isAtEnd || isSymbol("|") || isSymbol(")") }

    // MARK: taking

    mutating func takeSymbol(_ symbol: Unicode.Scalar) throws(QueryError) -> Bool {
        guard isSymbol(symbol) else { return false }
        try lexer.advance()
        return true
    }

    mutating func takeAdjacent(_ symbol: Unicode.Scalar) throws(QueryError) -> Bool {
        guard isAdjacent else { return false }
        return try takeSymbol(symbol)
    }

    mutating func takeKeyword(_ word: String) throws(QueryError) -> Bool {
        guard isKeyword(word) else { return false }
        try lexer.advance()
        return true
    }

    mutating func require(_ symbol: Unicode.Scalar) throws(QueryError) {
        guard try takeSymbol(symbol) else { throw unexpected(["`\(symbol)`"]) }
    }

    func requireEnd() throws(QueryError) {
        guard isAtEnd else { throw unexpected(["`|`", "a filter", "the end of the query"]) }
    }

    // MARK: failing

    /// An error at the current token, or at an earlier place.
    func fail(_ message: String, at offset: Int? = nil, expected: [String] = [], suggestion: String? = nil)
        -> QueryError
    {
        QueryError(message, offset: offset ?? lexer.token.start, expected: expected, suggestion: suggestion)
    }

    func unexpected(_ expected: [String]) -> QueryError {
        fail("unexpected \(tokenName)", expected: expected)
    }

    private var tokenName: String {
        switch lexer.token.kind {
        case .end: "end of the query"
        case .word, .quoted, .symbol:
            "`" + String(decoding: lexer.bytes[lexer.token.start..<lexer.token.end].prefix(40), as: UTF8.self) + "`"
        }
    }
}
