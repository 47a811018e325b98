import Bytes
import Records

/// Logical operators, parentheses and field names. `not` binds tighter than `and`, `and` tighter than `or`.
extension Parser {
    /// A filter up to `|`, `)` or the end. Inside `name:(…)` conditions without a field of their own apply to `field`.
    mutating func parseFilter(field: ByteString? = nil) throws(QueryError) -> Filter {
        var parts = [try parseConjunction(field: field)]
        while try takeKeyword("or") { parts.append(try parseConjunction(field: field)) }
        return joined(parts, isOr: true)
    }

    private mutating func parseConjunction(field: ByteString?) throws(QueryError) -> Filter {
        var parts = [try parseNegation(field: field)]
        while !isAtPipeEnd, !isKeyword("or") {
            _ = try takeKeyword("and")
            parts.append(try parseNegation(field: field))
        }
        return joined(parts, isOr: false)
    }

    private func joined(_ parts: [Filter], isOr: Bool) -> Filter {
        guard parts.count > 1 else { return parts[0] }
        var flat: [Filter] = []
        for part in parts {
            switch part {
            case .or(let inner) where isOr: flat += inner
            case .and(let inner) where !isOr: flat += inner
            default: flat.append(part)
            }
        }
        return isOr ? .or(flat) : .and(flat)
    }

    private mutating func takeNegation() throws(QueryError) -> Bool {
        if try takeKeyword("not") { return true }
        if try takeSymbol("!") { return true }
        return try takeSymbol("-")
    }

    private mutating func parseNegation(field: ByteString?) throws(QueryError) -> Filter {
        if try takeNegation() {
            return .not(try nested { parser throws(QueryError) in try parser.parseNegation(field: field) })
        }
        guard isSymbol("(") else { return try parsePrimary(field: field) }
        return try parseGroup(field: field)
    }

    private mutating func parseGroup(field: ByteString?) throws(QueryError) -> Filter {
        try require("(")
        let filter = try nested { parser throws(QueryError) in try parser.parseFilter(field: field) }
        guard try takeSymbol(")") else { throw unexpected(["`)`", "`or`", "a filter"]) }
        return filter
    }

    private mutating func parsePrimary(field: ByteString?) throws(QueryError) -> Filter {
        if isSymbol("{") { return .stream(try parseSelector()) }
        if isSymbol("*"), field == nil, !isSubstringAhead {
            try lexer.advance()
            try requireBoundary()
            return .all
        }
        if keyword == "and" || keyword == "or" {
            throw unexpected(["a filter", "quotes around the word"])
        }
        if let name = try takeFieldName() { return try parseFieldFilter(name) }
        return try parseCondition(field: field ?? StandardFields.message, colons: false)
    }

    /// Whether the `*` here begins `*text*`.
    var isSubstringAhead: Bool {
        let next = lexer.adjacentByte
        return next.isWordByte || next.isGlue || next.isQuote
    }

    /// The name before a colon, or directly before an operator as in `level=error`; nil if no name stands here.
    private mutating func takeFieldName() throws(QueryError) -> ByteString? {
        let mark = lexer
        guard let name = try takeValue(colons: false) else { return nil }
        let isName = try takeSymbol(":")
        if isName || (isAdjacent && isAtOperator) { return name.isEmpty ? StandardFields.message : name }
        lexer = mark
        return nil
    }

    private var isAtOperator: Bool {
        guard case .symbol(let symbol) = lexer.token.kind else { return false }
        switch symbol {
        case UInt8(ascii: "="), UInt8(ascii: "~"), UInt8(ascii: "<"), UInt8(ascii: ">"): return true
        case UInt8(ascii: "!"):
            return lexer.adjacentByte == UInt8(ascii: "=") || lexer.adjacentByte == UInt8(ascii: "~")
        default: return false
        }
    }

    /// What follows `name:`.
    private mutating func parseFieldFilter(_ name: ByteString) throws(QueryError) -> Filter {
        if isAtPipeEnd { throw unexpected(["a condition on `\(name)`"]) }
        if name == StandardFields.time, let filter = try parseTimeFilter() { return filter }
        if try takeNegation() {
            return .not(try nested { parser throws(QueryError) in try parser.parseFieldFilter(name) })
        }
        if name == StandardFields.stream, isSymbol("{") { return .stream(try parseSelector()) }
        if name == StandardFields.streamID, let filter = try parseStreamID() { return filter }
        if isSymbol("(") { return try parseGroup(field: name) }
        return try parseCondition(field: name, colons: true)
    }

    /// `_stream_id:x` or `_stream_id:in(…)`; nil if it is another condition.
    private mutating func parseStreamID() throws(QueryError) -> Filter? {
        if isKeyword("in"), lexer.byteAhead == UInt8(ascii: "(") {
            try lexer.advance()
            return .streamID(try parseValueSource())
        }
        if let name = keyword, isFunction(name) { return nil }
        guard lexer.adjacentByte != UInt8(ascii: "*") else { return nil }
        guard let value = try takeValue(colons: true) else { return nil }
        try requireBoundary()
        return value.isEmpty ? .field(StandardFields.streamID, .empty) : .streamID(.values([value]))
    }
}
