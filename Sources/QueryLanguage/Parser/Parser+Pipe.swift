import Bytes
import Records

/// What follows a `|`.
extension Parser {
    mutating func parsePipe() throws(QueryError) -> Pipe {
        let mark = lexer
        if isSymbol("("), let stats = try? parseStats(.stats) { return .stats(stats) }
        lexer = mark
        guard let name = keyword else { return .filter(try parseFilter()) }
        if isStatsStart(name) { return .stats(try parseStats(.stats)) }
        try lexer.advance()
        if let pipe = try parseNamedPipe(name) {
            try requirePipeEnd(name)
            return pipe
        }
        let unknown = lexer
        lexer = mark
        return try parseBareFilter(name, unknown)
    }

    private mutating func parseNamedPipe(_ name: String) throws(QueryError) -> Pipe? {
        if let pipe = try parseRowPipe(name) { return pipe }
        if let pipe = try parseFieldPipe(name) { return pipe }
        return try parseValuePipe(name)
    }

    /// `count()` or `by (…) count()` without the word `stats`.
    private func isStatsStart(_ name: String) -> Bool {
        guard lexer.byteAhead == UInt8(ascii: "(") else { return false }
        return name == "by" || (Keywords.statsFunctions.contains(name) && !Keywords.pipeSet.contains(name))
    }

    private func requirePipeEnd(_ name: String) throws(QueryError) {
        guard isAtPipeEnd else {
            throw fail("unexpected text after the `\(name)` pipe", expected: ["`|`", "the end of the query"])
        }
    }

    /// A filter without the word `filter`. If it does not parse, or is one word near to a pipe's name, a pipe was
    /// meant.
    private mutating func parseBareFilter(_ name: String, _ after: QueryLexer) throws(QueryError) -> Pipe {
        let start = lexer.token.start
        let isFunction = isAtFunction
        let names = Keywords.pipes + Keywords.statsFunctions
        let suggestion =
            isAtFunction || name.count < 3 || ["not", "and", "or"].contains(name)
            ? nil : NearestName.suggestion(for: name, among: names)
        let isFollowed = after.token.kind == .word || after.token.kind == .symbol("(")
        let unknown = QueryError(
            "unknown pipe `\(name)`", offset: start, expected: Keywords.pipes, suggestion: suggestion)
        // A word alone may well be looked for; with something behind it, it was to do something.
        if suggestion != nil, isFollowed { throw unknown }
        do throws(QueryError) {
            return .filter(try parseFilter())
        } catch {
            if suggestion != nil || after.token.kind == .symbol("("), !isFunction { throw unknown }
            throw error
        }
    }

    /// Pipes that keep, drop and name fields. Nil if the name is another's.
    private mutating func parseFieldPipe(_ name: String) throws(QueryError) -> Pipe? {
        switch name {
        case "block_stats": return .blockStats
        case "blocks_count": return .blocksCount(result: try takeResultName() ?? "blocks_count")
        case "copy", "cp": return .copy(try requireMappings())
        case "decolorize": return .decolorize(isAtPipeEnd ? StandardFields.message : try requireName())
        case "delete", "drop", "del", "rm": return .delete(try requireBarePatterns())
        case "drop_empty_fields": return .dropEmptyFields
        case "field_names": return .fieldNames(result: try takeResultName() ?? "name")
        case "field_values":
            guard let field = try takeFieldOperand() else { throw unexpected(["a field name"]) }
            return .fieldValues(field, limit: try takeLimit())
        case "fields", "keep": return .fields(try requireBarePatterns())
        case "filter", "where": return .filter(try parseFilter())
        case "generate_sequence": return .generateSequence(try requireLength())
        case "limit", "head": return .limit(isAtPipeEnd ? 10 : try requireCount())
        case "math", "eval":
            return .math(try requireBareList { parser throws(QueryError) in try parser.parseAssignment() })
        case "offset", "skip": return .offset(try requireCount())
        case "query_stats": return .queryStats
        case "rename", "mv": return .rename(try requireMappings())
        case "sample": return .sample(try requirePositiveCount())
        default: return nil
        }
    }

    private mutating func requireMappings() throws(QueryError) -> [FieldMapping] {
        try requireBareList { parser throws(QueryError) in
            let source = try parser.requirePattern()
            _ = try parser.takeKeyword("as")
            let target = try parser.requirePattern()
            return FieldMapping(source, as: target)
        }
    }

    /// `a, b*, *`.
    private mutating func requireBarePatterns() throws(QueryError) -> [FieldPattern] {
        try requireBareList { parser throws(QueryError) in try parser.requirePattern() }
    }

    // MARK: modifiers that several pipes share

    /// `name` or `(name)`; nil if neither stands here.
    mutating func takeFieldOperand() throws(QueryError) -> ByteString? {
        if try takeSymbol("(") {
            let name = try requireName()
            try require(")")
            return name
        }
        return isAtPipeEnd ? nil : try requireName()
    }

    /// `word name`, or the usual field.
    mutating func takeField(
        after word: String, usual: ByteString = StandardFields.message
    ) throws(QueryError) -> ByteString {
        try takeKeyword(word) ? try requireName() : usual
    }

    mutating func takeLimit() throws(QueryError) -> UInt64 { try takeKeyword("limit") ? try requireInteger() : 0 }

    /// One of the two words, or none.
    mutating func takeOverwrite() throws(QueryError) -> OverwriteRule {
        if try takeKeyword("keep_original_fields") { return OverwriteRule(keepsOriginal: true) }
        return OverwriteRule(skipsEmpty: try takeKeyword("skip_empty_results"))
    }

    /// `by (a, b)`, `(a, b)` or, with `bare`, `by a, b`; nil if no list stands here.
    mutating func takeBy(bare: Bool = false) throws(QueryError) -> [ByteString]? {
        let hasWord = try takeKeyword("by")
        if isSymbol("(") {
            return try requireNames()
        }
        guard hasWord || (bare && !isAtPipeEnd) else { return nil }
        return try requireBareList { parser throws(QueryError) in try parser.requireName() }
    }

    /// `rank`, `rank as name` or `rank name`.
    mutating func takeRank() throws(QueryError) -> ByteString? {
        let mark = lexer
        if try takeKeyword("with"), !isKeyword("rank") { lexer = mark }
        guard try takeKeyword("rank") else { return nil }
        if try takeKeyword("as") { return try requireName() }
        let others: Set<String> = ["limit", "offset", "partition", "hits"]
        return isAtPipeEnd || keyword.map(others.contains) ?? false ? "rank" : try requireName()
    }

    /// Rows to make: at least one, and whole ones.
    private mutating func requireLength() throws(QueryError) -> UInt64 {
        let start = lexer.token.start
        let text = Array(try requireLiteral("a count").utf8).rawSpan
        if let count = NumericText.count(text), count > 0 { return count }
        guard let number = NumericText.value(text), number >= 1, number < 0x1p63 else {
            throw fail("this is no number of rows", at: start, expected: ["1", "10"])
        }
        return UInt64(number)
    }
}
