import Bytes
import Records

/// A recursive-descent parser. Its parts are in extensions by kind of node; here is what they share.
struct Parser {
    var lexer: QueryLexer
    let now: Int64
    /// Options of the enclosing query, which a subquery begins with.
    var options = QueryOptions()
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

    func isSymbol(_ symbol: Unicode.Scalar) -> Bool { lexer.token.kind == .symbol(symbol) }

    var isAtEnd: Bool { lexer.token.kind == .end }

    /// The current word in lower case; nil if something else stands here.
    var keyword: String? { lexer.token.kind == .word ? lexer.lowercased : nil }

    func isKeyword(_ word: String) -> Bool { keyword == word }

    /// Whether nothing separates the current token from the one before.
    var isAdjacent: Bool { !lexer.token.isAfterSpace }

    /// Where a pipe, or the list that it is in, ends.
    var isAtPipeEnd: Bool { isAtEnd || isSymbol("|") || isSymbol(")") }

    // MARK: taking

    mutating func take(_ kind: Token.Kind) throws(QueryError) -> Bool {
        guard lexer.token.kind == kind else { return false }
        try lexer.advance()
        return true
    }

    mutating func takeSymbol(_ symbol: Unicode.Scalar) throws(QueryError) -> Bool { try take(.symbol(symbol)) }

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

    func requireEnd(or others: [String] = ["`|`", "a filter"]) throws(QueryError) {
        guard isAtEnd else { throw unexpected(others + ["the end of the query"]) }
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
        if isAtEnd { return "end of the query" }
        return "`" + String(decoding: lexer.bytes[lexer.token.start..<lexer.token.end].prefix(40), as: UTF8.self) + "`"
    }
}
