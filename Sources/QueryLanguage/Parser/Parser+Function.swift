import Bytes

/// Filters that are written as calls.
extension Parser {
    /// Whether a filter function stands here with its arguments behind it.
    var isAtFunction: Bool {
        guard let name = keyword, Keywords.filterFunctionSet.contains(name) else { return false }
        return lexer.byteAhead == UInt8(ascii: "(") || (name == "range" && lexer.byteAhead == UInt8(ascii: "["))
    }

    mutating func parseFunction(_ field: ByteString) throws(QueryError) -> Filter {
        guard let name = keyword else { preconditionFailure("isAtFunction says that a word stands here") }
        try lexer.advance()
        switch name {
        case "in", "contains_all", "contains_any":
            let source = try nested { parser throws(QueryError) in try parser.parseValueSource() }
            if source == .anything { return .all }
            let isAll = name == "contains_all"
            return .field(field, name == "in" ? .isIn(source) : isAll ? .containsAll(source) : .containsAny(source))
        case "re":
            let start = lexer.token.start
            let expression = try requireOne()
            try checkRegexp(expression, at: start)
            return Parser.regexp(field, expression)
        default: return .field(field, try parseConditionFunction(name))
        }
    }

    /// Phrases of which each has few enough capital letters that their usual forms are few.
    private mutating func requireCommonCaseValues() throws(QueryError) -> [ByteString] {
        let start = lexer.token.start
        let phrases = try requireValues()
        for phrase in phrases where phrase.string.unicodeScalars.count(where: \.properties.isUppercase) > 10 {
            throw fail("`\(phrase)` has too many capital letters", at: start, expected: ["at most 10 in a phrase"])
        }
        return phrases
    }

    private mutating func parseConditionFunction(_ name: String) throws(QueryError) -> FieldCondition {
        switch name {
        case "contains_common_case": return .containsCommonCase(try requireCommonCaseValues())
        case "equals_common_case": return .equalsCommonCase(try requireCommonCaseValues())
        case "seq": return .sequence(try requireValues())
        case "exact": return try parseStarred(plain: { .exact($0) }, prefix: { .exactPrefix($0) })
        case "i": return try parseStarred(plain: { .anyCasePhrase($0) }, prefix: { .anyCasePrefix($0) })
        case "value_type": return .valueType(try requireOne())
        case "eq_field": return .equalsField(try requireOne())
        case "lt_field": return .lessThanField(try requireOne())
        case "le_field": return .atMostField(try requireOne())
        case "range": return .range(try parseRange())
        case "ipv4_range": return .ipv4Range(try parseAddressRange())
        case "len_range": return .lengthRange(try parseLengthRange())
        case "string_range":
            let bounds = try requireArguments(2)
            return .stringRange(lower: bounds[0], upper: bounds[1])
        default:
            guard let place = PatternMatch.Place(rawValue: name) else {
                preconditionFailure("a filter function without a rule")
            }
            return .patternMatch(PatternMatch(place: place, pattern: try requireOne()))
        }
    }

    private mutating func requireValues() throws(QueryError) -> [ByteString] {
        try requireList { parser throws(QueryError) in try parser.requireArgument() }
    }

    private mutating func requireOne() throws(QueryError) -> ByteString { try requireArguments(1)[0] }

    private mutating func requireArguments(_ count: Int) throws(QueryError) -> [ByteString] {
        let start = lexer.token.start
        let values = try requireValues()
        guard values.count == count else {
            throw fail("the function takes \(count) values, not \(values.count)", at: start)
        }
        return values
    }

    /// One argument of a function: brackets are part of it, a star stands only alone.
    private mutating func requireArgument() throws(QueryError) -> ByteString {
        if try takeSymbol("*") { return "*" }
        return try requireCompound([.argument, .star], "a value")
    }

    /// `(text)`, `(text*)` or `(*)`.
    private mutating func parseStarred(
        plain: (ByteString) -> FieldCondition, prefix: (ByteString) -> FieldCondition
    ) throws(QueryError) -> FieldCondition {
        try require("(")
        let isStar = isSymbol("*")
        let value = isStar ? ByteString.empty : try requireArgument()
        let isPrefix = isStar ? try takeSymbol("*") : try takeAdjacent("*")
        try require(")")
        return isPrefix ? prefix(value) : plain(value)
    }

    /// `(a, b)`, `(*)` or `(query)`. What is no list of values is read as a query.
    mutating func parseValueSource() throws(QueryError) -> ValueSource {
        if let source = try takeValueList() { return source }
        try require("(")
        let start = lexer.token.start
        let query = try parseQuery()
        guard try takeSymbol(")") else { throw unexpected(["`)`", "`|`"]) }
        guard let field = query.singleField else {
            throw fail(
                "a subquery must end in one field", at: start, expected: ["… | fields name", "… | uniq by (name)"])
        }
        return .query(query, field: field)
    }

    private mutating func takeValueList() throws(QueryError) -> ValueSource? {
        let mark = lexer
        try require("(")
        var values: [ByteString] = []
        while !isSymbol(")") {
            var quoted = 0
            if case .quoted(let text) = lexer.token.kind { quoted = text.count }
            let value: ByteString
            if try takeSymbol("*") {
                value = "*"
            } else if let compound = try takeCompound([.argument, .star]) {
                value = compound
            } else {
                break
            }
            guard try takeSymbol(",") || isSymbol(")") else { break }
            // A bracket that is not closed within a value, quotes at its beginning aside, begins a range of a query:
            // `_time:[a, b)`, `!_time:week_range[Mon, Tue)`.
            let bracket = value.bytes.dropFirst(quoted).last { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
            guard bracket != UInt8(ascii: "[") else { break }
            values.append(value)
        }
        if try takeSymbol(")") { return values == ["*"] ? .anything : .values(values) }
        lexer = mark
        return nil
    }

    private mutating func parseRange() throws(QueryError) -> NumberRange {
        let includesLower = try takeOpening()
        let lower = try requireNumber()
        try require(",")
        let upper = try requireNumber()
        let includesUpper = try takeClosing()
        return NumberRange(lower: lower, includesLower: includesLower, upper: upper, includesUpper: includesUpper)
    }

    private mutating func parseLengthRange() throws(QueryError) -> LengthRange {
        try require("(")
        let (lower, lowerText) = try requireLength()
        try require(",")
        let (upper, upperText) = try requireLength()
        try require(")")
        return LengthRange(lower: lower, upper: upper, lowerText: lowerText, upperText: upperText)
    }

    private mutating func requireLength() throws(QueryError) -> (UInt64, String) {
        let start = lexer.token.start
        let text = try requireLiteral("a length")
        if ["inf", "+inf"].contains(text.lowercased()) { return (.max, text) }
        guard let length = NumericText.count(Array(text.utf8).rawSpan) else {
            throw fail("this is no length", at: start, expected: ["10", "1_000", "inf"])
        }
        return (length, text)
    }

    private mutating func parseAddressRange() throws(QueryError) -> IPv4Range {
        let start = lexer.token.start
        let values = try requireList { parser throws(QueryError) in
            let start = parser.lexer.token.start
            return (text: try parser.requireArgument(), start: start)
        }
        switch values.count {
        case 1: return try network(values[0].text, at: values[0].start)
        case 2:
            return IPv4Range(
                lower: try address(values[0].text, at: values[0].start),
                upper: try address(values[1].text, at: values[1].start))
        default: throw fail("wrong number of addresses", at: start, expected: ["(10.0.0.0/8)", "(10.0.0.1, 10.0.0.9)"])
        }
    }

    private func address(_ text: ByteString, at start: Int) throws(QueryError) -> UInt32 {
        guard let address = NumericText.ipv4(text.bytes.rawSpan) else {
            throw fail("`\(text)` is no IPv4 address", at: start, expected: ["10.0.0.1", "10.0.0.0/8"])
        }
        return address
    }

    /// An address, or a network as `1.2.3.0/24`.
    private func network(_ text: ByteString, at start: Int) throws(QueryError) -> IPv4Range {
        let parts = text.bytes.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        let address = try address(ByteString(Array(parts[0])), at: start)
        guard parts.count == 2 else { return IPv4Range(lower: address, upper: address) }
        guard let bits = NumericText.unsigned(Array(parts[1]).rawSpan), bits <= 32 else {
            throw fail("the mask must be 0…32 bits", at: start, expected: ["10.0.0.0/8"])
        }
        let hosts = bits == 0 ? UInt32.max : (UInt32(1) << (32 - UInt32(bits))) &- 1
        return IPv4Range(lower: address & ~hosts, upper: address | hosts)
    }
}

extension Query {
    /// The one field that the results consist of, by the last pipe.
    var singleField: ByteString? {
        switch pipes.last {
        case .fields(let fields) where fields.count == 1 && !fields[0].isPrefix: fields[0].name
        case .uniq(let uniq) where uniq.fields.count == 1: uniq.fields[0]
        default: nil
        }
    }
}
