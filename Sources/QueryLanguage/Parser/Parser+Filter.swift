import Bytes
import Records

/// Logical operators, parentheses and field names. `not` binds tighter than `and`, `and` tighter than `or`.
extension Parser {
    /// A filter up to `|`, `)` or the end, which may not begin with the name of a pipe.
    mutating func parseFilter() throws(QueryError) -> Filter {
        if isAtPipeEnd { throw unexpected(["a filter"]) }
        if let word = keyword, Keywords.pipeWords.contains(word) {
            throw fail("a filter cannot begin with the pipe name `\(word)`", expected: ["quotes around the word"])
        }
        return try parseDisjunction(field: nil)
    }

    /// Conditions without a field of their own apply to `field`.
    private mutating func parseDisjunction(field: ByteString?) throws(QueryError) -> Filter {
        var parts = [try parseConjunction(field: field)]
        while !isAtPipeEnd {
            // Whatever ended the conjunction is `or`.
            try lexer.advance()
            parts.append(try parseConjunction(field: field))
        }
        return joined(parts, isOr: true)
    }

    private mutating func parseConjunction(field: ByteString?) throws(QueryError) -> Filter {
        var parts = [try parseGeneric(field: field)]
        while !isAtPipeEnd, !isKeyword("or") {
            _ = try takeKeyword("and")
            parts.append(try parseGeneric(field: field))
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

    private var isAtNegation: Bool { isKeyword("not") || isSymbol("!") || isSymbol("-") }

    /// One filter with its negations, parentheses and field.
    private mutating func parseGeneric(field: ByteString?) throws(QueryError) -> Filter {
        if isAtNegation {
            try lexer.advance()
            let inner = try nested { parser throws(QueryError) in try parser.parseGeneric(field: field) }
            if case .not(let twice) = inner { return twice }
            return .not(inner)
        }
        if try takeSymbol(":") {
            return try nested { parser throws(QueryError) in try parser.parseGeneric(field: field) }
        }
        if isSymbol("{") {
            if let field, field != StandardFields.stream { throw unexpected(["a condition on `\(field)`"]) }
            return .stream(try parseSelector())
        }
        if isSymbol("(") { return try parseGroup(field: field) }
        return try parseCondition(field: field)
    }

    private mutating func parseGroup(field: ByteString?) throws(QueryError) -> Filter {
        try require("(")
        if isAtPipeEnd { throw unexpected(["a filter"]) }
        let filter = try nested { parser throws(QueryError) in try parser.parseDisjunction(field: field) }
        guard try takeSymbol(")") else { throw unexpected(["`)`", "`or`", "a filter"]) }
        return filter
    }

    /// What follows `name:`.
    mutating func parseFieldFilter(_ name: ByteString) throws(QueryError) -> Filter {
        if isAtPipeEnd { throw unexpected(["a condition on `\(name)`"]) }
        if name == StandardFields.time, let filter = try parseTimeFilter() { return filter }
        if name == StandardFields.streamID, let filter = try parseStreamID() { return filter }
        return try nested { parser throws(QueryError) in try parser.parseGeneric(field: name) }
    }

    /// `_stream_id:x` or `_stream_id:in(…)`; nil if it is another condition.
    private mutating func parseStreamID() throws(QueryError) -> Filter? {
        if isKeyword("in"), lexer.byteAhead == UInt8(ascii: "(") {
            try lexer.advance()
            let source = try parseValueSource()
            return source == .anything ? .all : .streamID(source)
        }
        switch lexer.token.kind {
        case .notEqual, .notMatches, .symbol("="), .symbol("~"), .symbol("<"), .symbol(">"), .symbol("{"), .symbol(":"):
            return nil
        default: break
        }
        let mark = lexer
        if !isAtFunction, !isAtNegation, let value = try takeCompound([.lists, .star]), !value.isEmpty,
            !(isAdjacent && isSymbol("*"))
        {
            return .streamID(.values([value]))
        }
        lexer = mark
        return nil
    }
}
