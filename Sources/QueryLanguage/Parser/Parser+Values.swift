import Bytes
import Records

/// Names, values and literals.
extension Parser {
    /// A value, whole in quotes or bare.
    mutating func requireValue(_ what: String = "a value") throws(QueryError) -> ByteString {
        try requireCompound(.lists, what)
    }

    /// A name, `prefix*` or `*`. The empty name is that of the message.
    mutating func requirePattern(_ what: String = "a field name") throws(QueryError) -> FieldPattern {
        let name = try requireValue(what)
        if name.bytes.last == UInt8(ascii: "*") {
            return FieldPattern(ByteString(name.bytes.dropLast()), isPrefix: true)
        }
        return FieldPattern(name.isEmpty ? StandardFields.message : name)
    }

    mutating func requireName(_ what: String = "a field name") throws(QueryError) -> ByteString {
        let start = lexer.token.start
        let pattern = try requirePattern(what)
        guard !pattern.isPrefix else {
            throw fail("`\(pattern.name)*` cannot stand here", at: start, expected: ["a whole field name"])
        }
        return pattern.name
    }

    /// The text of a number, duration, time or address, bare or in quotes.
    mutating func requireLiteral(_ what: String) throws(QueryError) -> String {
        let start = lexer.token.start
        guard let text = String(validating: try requireCompound(.lists, what).bytes, as: UTF8.self) else {
            throw fail("this is not UTF-8", at: start, expected: [what])
        }
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
        guard let count = NumericText.count(Array(try requireLiteral("a count").utf8).rawSpan) else {
            throw fail("this is no whole number", at: start, expected: ["10", "1_000", "5K"])
        }
        return count
    }

    /// Digits, with `_` between them at most: where no unit could mean anything.
    mutating func requireInteger() throws(QueryError) -> UInt64 {
        let start = lexer.token.start
        guard let count = NumericText.plainInteger(Array(try requireLiteral("a count").utf8).rawSpan) else {
            throw fail("this is no whole number", at: start, expected: ["10", "1_000"])
        }
        return count
    }

    /// Any number, without what is behind its point.
    mutating func requireWholeNumber() throws(QueryError) -> UInt64 {
        let start = lexer.token.start
        let number = try requireNumber("a count")
        guard number.value >= 0 else {
            throw fail("this is no count", at: start, expected: ["10", "1_000", "5K"])
        }
        return number.value < 0x1p64 ? UInt64(number.value) : .max
    }

    mutating func requirePositiveCount() throws(QueryError) -> UInt64 {
        let start = lexer.token.start
        let count = try requireWholeNumber()
        guard count > 0 else { throw fail("the count must not be zero", at: start, expected: ["1", "100"]) }
        return count
    }

    /// Whether a count stands here.
    var isAtCount: Bool {
        guard lexer.token.kind == .word else { return false }
        return lexer.bytes[lexer.token.start].isDigit
    }

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

    /// `(a, b*)`; a lone `*` is the empty list, which stands for all fields.
    mutating func requirePatterns() throws(QueryError) -> [FieldPattern] {
        let patterns = try requireList { parser throws(QueryError) in try parser.requirePattern() }
        return patterns == [.all] ? [] : patterns
    }

    /// `as name` or just `name`; nil if none stands here.
    mutating func takeResultName() throws(QueryError) -> ByteString? {
        if try takeKeyword("as") { return try requireName() }
        return isAtPipeEnd || isSymbol(",") ? nil : try requireName()
    }

    /// `if (…)`.
    mutating func takeCondition() throws(QueryError) -> Filter? {
        guard try takeKeyword("if") else { return nil }
        try require("(")
        if try takeSymbol(")") { return .all }
        let filter = try parseFilter()
        try require(")")
        return filter
    }
}
