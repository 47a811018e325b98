import Bytes
import Records

/// Conditions on one field.
extension Parser {
    /// A condition on `field` or, without one, on the message; or a name, a colon and what follows.
    mutating func parseCondition(field: ByteString?) throws(QueryError) -> Filter {
        let name = field ?? StandardFields.message
        if field == nil, isSymbol("*"), case let star = try parseStar() {
            return star == .any ? .all : .field(name, star)
        }
        if let condition = try parseOperator(name) { return condition }
        if isAtFunction { return try parseFunction(name) }
        return try parsePhrase(field: field)
    }

    /// Conditions that begin with a sign; nil if the sign begins a bare word.
    private mutating func parseOperator(_ name: ByteString) throws(QueryError) -> Filter? {
        switch lexer.token.kind {
        case .notEqual:
            try lexer.advance()
            return .not(.field(name, try parseExact()))
        case .notMatches:
            try lexer.advance()
            return .not(try parseRegexp(name))
        case .symbol("*"): return .field(name, try parseStar())
        case .symbol("="):
            try lexer.advance()
            return .field(name, try parseExact())
        case .symbol("~"):
            try lexer.advance()
            return try parseRegexp(name)
        case .symbol("<"), .symbol(">"): return .field(name, .compare(try parseComparison()))
        default: return nil
        }
    }

    /// `*`, or `*text*` with nothing between.
    private mutating func parseStar() throws(QueryError) -> FieldCondition {
        try lexer.advance()
        if isSymbol(":") { throw fail("`*` cannot be a field name", expected: ["a field name"]) }
        let mark = lexer
        if isAdjacent, let text = try takeCompound([.lists, .star, .colon]), try takeAdjacent("*") {
            return text.isEmpty ? .any : .substring(text)
        }
        lexer = mark
        return .any
    }

    private mutating func parseExact() throws(QueryError) -> FieldCondition {
        let value = isSymbol("*") || isAtEnd ? .empty : try requireCompound([.argument, .star], "a value")
        return try takeAdjacent("*") ? .exactPrefix(value) : .exact(value)
    }

    mutating func takeComparator() throws(QueryError) -> ComparisonOperator? {
        if try takeSymbol("<") { return try takeSymbol("=") ? .lessOrEqual : .less }
        if try takeSymbol(">") { return try takeSymbol("=") ? .greaterOrEqual : .greater }
        return nil
    }

    private mutating func parseComparison() throws(QueryError) -> Comparison {
        guard let comparator = try takeComparator() else { throw unexpected(["`<`", "`>`"]) }
        return Comparison(comparator, try requireValue("a number, an address or a text"))
    }

    private mutating func parseRegexp(_ name: ByteString) throws(QueryError) -> Filter {
        let start = lexer.token.start
        let expression = try requireValue("a regular expression in quotes")
        try checkRegexp(expression, at: start)
        return Parser.regexp(name, expression)
    }

    /// `.*` and the empty expression match everything, `.+` whatever is not empty: no need for an expression.
    static func regexp(_ name: ByteString, _ expression: ByteString) -> Filter {
        if expression.isEmpty || expression == ".*" { return .all }
        return .field(name, expression == ".+" ? .any : .regexp(expression))
    }

    /// A word or phrase, or with `*` after it a prefix; or the name of a field, if a colon follows.
    mutating func parsePhrase(field: ByteString?) throws(QueryError) -> Filter {
        let start = lexer.token
        let stops: Stops = field == nil ? [.lists, .star, .colon] : [.lists, .star]
        let value = try requireCompound(stops, "a filter")
        if field == nil, isSymbol(":") {
            try lexer.advance()
            return try parseFieldFilter(value.isEmpty ? StandardFields.message : value)
        }
        let name = field ?? StandardFields.message
        if try takeAdjacent("*") {
            guard field != nil || !isSymbol(":") else {
                throw fail("`\(value)*` cannot be a field name here", at: start.start, expected: ["a whole field name"])
            }
            return .field(name, value.isEmpty ? .any : .prefix(value))
        }
        if isAdjacent, isSymbol("(") { throw unknownFunction(value, at: start.start) }
        return .field(name, value.isEmpty ? .empty : .phrase(value))
    }

    private func unknownFunction(_ value: ByteString, at start: Int) -> QueryError {
        let word = value.string
        return fail(
            "unknown filter `\(word)`", at: start, expected: Keywords.filterFunctions,
            suggestion: NearestName.suggestion(for: word, among: Keywords.filterFunctions))
    }
}
