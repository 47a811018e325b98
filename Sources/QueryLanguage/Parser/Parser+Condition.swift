import Bytes

/// Conditions on one field.
extension Parser {
    /// A condition; `colons` says whether a bare value may hold colons (it may after `name:`).
    mutating func parseCondition(field: ByteString, colons: Bool) throws(QueryError) -> Filter {
        if case .symbol = lexer.token.kind, let condition = try parseOperator() { return .field(field, condition) }
        if let name = keyword, isFunction(name) {
            return .field(field, try nested { parser throws(QueryError) in try parser.parseFunction(name) })
        }
        return .field(field, try parsePhrase(colons: colons))
    }

    /// Conditions that begin with a sign; nil if the sign begins a bare word.
    private mutating func parseOperator() throws(QueryError) -> FieldCondition? {
        if try takeSymbol("*") {
            guard isAdjacent, case let value = try takeValue(colons: true), let value else {
                try requireBoundary()
                return .any
            }
            guard try takeAdjacent("*") else { throw unexpected(["`*` after the text of `*text*`"]) }
            try requireBoundary()
            return value.isEmpty ? .any : .substring(value)
        }
        if try takeSymbol("=") { return try parseExact() }
        if try takeSymbol("~") { return .regexp(try requireRegexp()) }
        if isSymbol("<") || isSymbol(">") { return .compare(try parseComparison()) }
        return nil
    }

    private mutating func parseExact() throws(QueryError) -> FieldCondition {
        let value = try requireValue()
        if try takeAdjacent("*") {
            try requireBoundary()
            return .exactPrefix(value)
        }
        try requireBoundary()
        return .exact(value)
    }

    mutating func takeComparator() throws(QueryError) -> ComparisonOperator? {
        if try takeSymbol("<") { return try takeAdjacent("=") ? .lessOrEqual : .less }
        if try takeSymbol(">") { return try takeAdjacent("=") ? .greaterOrEqual : .greater }
        return nil
    }

    private mutating func parseComparison() throws(QueryError) -> Comparison {
        guard let comparator = try takeComparator() else { throw unexpected(["`<`", "`>`"]) }
        let operand = try requireValue(colons: true, "a number, an address or a text")
        try requireBoundary()
        return Comparison(comparator, operand)
    }

    /// An expression in quotes, or bare up to a space, parenthesis, comma or `|`.
    private mutating func requireRegexp() throws(QueryError) -> ByteString {
        if case .quoted(let expression) = lexer.token.kind {
            try lexer.advance()
            return expression
        }
        let start = lexer.token.start
        let end = lexer.endOfRun(from: start) { byte in
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"), UInt8(ascii: ","), UInt8(ascii: "#"): false
            default: !byte.isSpace && !byte.isQuote
            }
        }
        guard end > start else { throw unexpected(["a regular expression in quotes"]) }
        try lexer.move(to: end)
        try requireBoundary()
        return ByteString(lexer.bytes[start..<end])
    }

    /// A word or phrase, or with `*` after it a prefix.
    private mutating func parsePhrase(colons: Bool) throws(QueryError) -> FieldCondition {
        let start = lexer.token
        let word = keyword
        guard let value = try takeValue(colons: colons) else { throw unexpected(["a filter"]) }
        if try takeAdjacent("*") {
            try requireBoundary()
            return value.isEmpty ? .any : .prefix(value)
        }
        if start.kind == .word, let word, isAdjacent, isSymbol("(") {
            throw fail(
                "unknown filter `\(word)`", at: start.start, expected: Keywords.filterFunctions,
                suggestion: NearestName.suggestion(for: word, among: Keywords.filterFunctions))
        }
        try requireBoundary()
        return value.isEmpty ? .empty : .phrase(value)
    }
}
