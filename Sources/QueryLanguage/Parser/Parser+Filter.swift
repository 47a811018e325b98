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
        guard mayBeginGroup else { throw fail("a space is missing in front of `(`", expected: ["a space"]) }
        try require("(")
        if isAtPipeEnd { throw unexpected(["a filter"]) }
        let filter = try nested { parser throws(QueryError) in try parser.parseDisjunction(field: field) }
        guard try takeSymbol(")") else { throw unexpected(["`)`", "`or`", "a filter"]) }
        return filter
    }

    /// A parenthesis right behind a word would be taken for a call.
    private var mayBeginGroup: Bool {
        guard isAdjacent, lexer.token.start > 0 else { return true }
        if Array(":(!-".utf8).contains(lexer.byte(at: lexer.token.start - 1)) { return true }
        let word = lexer.bytes[..<lexer.token.start].reversed().prefix { $0.isWordByte }.reversed()
        return String(decoding: word, as: UTF8.self).lowercased() == "not"
    }

    /// What follows `name:`.
    mutating func parseFieldFilter(_ name: ByteString) throws(QueryError) -> Filter {
        if isAtPipeEnd { throw unexpected(["a condition on `\(name)`"]) }
        switch name {
        case StandardFields.time: return .time(try parseTime())
        case StandardFields.stream:
            guard isSymbol("{") else { throw unexpected(["`{label=\"value\"}`"]) }
            return .stream(try parseSelector())
        case StandardFields.streamID: return try parseStreamID()
        default: return try nested { parser throws(QueryError) in try parser.parseGeneric(field: name) }
        }
    }

    /// `_stream_id:x` or `_stream_id:in(…)`.
    private mutating func parseStreamID() throws(QueryError) -> Filter {
        let start = lexer.token.start
        let source: ValueSource
        if isKeyword("in"), lexer.byteAhead == UInt8(ascii: "(") {
            try lexer.advance()
            source = try nested { parser throws(QueryError) in try parser.parseValueSource() }
        } else {
            source = .values([try requireCompound([.lists], "a stream's number")])
        }
        if source == .anything { return .all }
        if case .values(let values) = source {
            guard values.allSatisfy({ $0.count == 48 && $0.bytes.allSatisfy { $0.hexDigit != nil } }) else {
                throw fail("this is no stream's number", at: start, expected: ["48 hexadecimal digits"])
            }
        }
        return .streamID(source)
    }
}
