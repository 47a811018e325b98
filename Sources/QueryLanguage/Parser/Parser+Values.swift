import Bytes

/// Names, values and literals.
extension Parser {
    /// A value in quotes, or bare: letters, digits and signs such as `-`, `.`, `/`. Nil if none stands here.
    mutating func takeValue(colons: Bool) throws(QueryError) -> ByteString? {
        if case .quoted(let value) = lexer.token.kind {
            try lexer.advance()
            return value
        }
        let start = lexer.token.start
        let end = lexer.endOfRun(from: start) { $0.isWordByte || $0.isGlue || (colons && $0 == UInt8(ascii: ":")) }
        guard end > start else { return nil }
        let value = ByteString(lexer.bytes[start..<end])
        try lexer.move(to: end)
        return value
    }

    mutating func requireValue(colons: Bool = true, _ what: String = "a value") throws(QueryError) -> ByteString {
        guard let value = try takeValue(colons: colons) else { throw unexpected([what]) }
        return value
    }

    mutating func requireName() throws(QueryError) -> ByteString { try requireValue(colons: false, "a field name") }

    /// After a bare value: something must separate it from what follows, or quotes were forgotten.
    func requireBoundary() throws(QueryError) {
        guard isAdjacent, !isAtEnd else { return }
        for closing: Unicode.Scalar in ["|", ")", "]", "}", ","] where isSymbol(closing) { return }
        throw fail("a value with such characters needs quotes", expected: ["a space", "quotes around the value"])
    }

    /// A name, `prefix*` or `*`.
    mutating func requirePattern() throws(QueryError) -> FieldPattern {
        if try takeSymbol("*") { return .all }
        let name = try requireName()
        return FieldPattern(name, isPrefix: try takeAdjacent("*"))
    }

    /// The text of a number, duration, time or address, bare or in quotes.
    mutating func requireLiteral(_ what: String) throws(QueryError) -> String {
        if case .quoted(let value) = lexer.token.kind {
            guard let text = String(validating: value.bytes, as: UTF8.self) else { throw unexpected([what]) }
            try lexer.advance()
            return text
        }
        let start = lexer.token.start
        let end = lexer.endOfRun(from: start) { $0.isLiteralByte }
        guard end > start else { throw unexpected([what]) }
        let text = String(decoding: lexer.bytes[start..<end], as: UTF8.self)
        try lexer.move(to: end)
        return text
    }

    mutating func requireDuration() throws(QueryError) -> DurationLiteral {
        let start = lexer.token.start
        guard let duration = DurationLiteral(try requireLiteral("a duration")) else {
            throw fail("this is no duration", at: start, expected: ["5m", "1h30m", "2.5d"])
        }
        return duration
    }

    mutating func requireNumber(_ what: String = "a number") throws(QueryError) -> NumberLiteral {
        let start = lexer.token.start
        guard let number = NumberLiteral(try requireLiteral(what)) else {
            throw fail("this is no number", at: start, expected: ["1_000", "2.5", "10KiB", "1h30m"])
        }
        return number
    }

    mutating func requireCount() throws(QueryError) -> UInt64 {
        let start = lexer.token.start
        let text = try requireLiteral("a count")
        guard let count = NumericText.unsigned(Array(text.utf8).rawSpan) else {
            throw fail("this is no whole number", at: start, expected: ["10", "1_000", "5K"])
        }
        return count
    }

    /// Whether a count stands here.
    var isAtCount: Bool { lexer.token.kind == .word && lexer.bytes[lexer.token.start].isDigit }

    // MARK: lists

    /// `(a, b, c)`; may be empty, and a comma before the parenthesis is forgiven.
    mutating func requireList<Element>(
        _ element: (inout Parser) throws(QueryError) -> Element
    ) throws(QueryError) -> [Element] {
        try require("(")
        var elements: [Element] = []
        while !isSymbol(")") {
            elements.append(try element(&self))
            guard try takeSymbol(",") || isSymbol(")") else { throw unexpected(["`,`", "`)`"]) }
        }
        try lexer.advance()
        return elements
    }

    /// `a, b, c` without parentheses; at least one.
    mutating func requireBareList<Element>(
        _ element: (inout Parser) throws(QueryError) -> Element
    ) throws(QueryError) -> [Element] {
        var elements = [try element(&self)]
        while try takeSymbol(",") { elements.append(try element(&self)) }
        return elements
    }

    mutating func requireNames() throws(QueryError) -> [ByteString] {
        try requireList { parser throws(QueryError) in try parser.requireName() }
    }

    mutating func requirePatterns() throws(QueryError) -> [FieldPattern] {
        let patterns = try requireList { parser throws(QueryError) in try parser.requirePattern() }
        return patterns.contains(.all) ? [] : patterns
    }

    /// `as name` or just `name`; nil if none stands here.
    mutating func takeResultName() throws(QueryError) -> ByteString? {
        if try takeKeyword("as") { return try requireName() }
        return isAtPipeEnd || isSymbol(",") ? nil : try takeValue(colons: false)
    }

    /// `if (…)`.
    mutating func takeCondition() throws(QueryError) -> Filter? {
        guard isKeyword("if"), lexer.byteAhead == UInt8(ascii: "(") else { return nil }
        try lexer.advance()
        try lexer.advance()
        if try takeSymbol(")") { return .all }
        let filter = try parseFilter()
        try require(")")
        return filter
    }
}
