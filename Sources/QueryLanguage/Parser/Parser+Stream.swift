import Bytes

/// `{…}`.
extension Parser {
    mutating func parseSelector() throws(QueryError) -> StreamSelector {
        try require("{")
        var alternatives: [[LabelMatcher]] = [[]]
        while !isSymbol("}") {
            alternatives[alternatives.count - 1].append(try parseMatcher())
            if try takeKeyword("or") {
                alternatives.append([])
                guard !isSymbol("}") else { throw unexpected(["a label"]) }
            } else if try !takeSymbol(","), !isSymbol("}") {
                throw unexpected(["`,`", "`or`", "`}`"])
            }
        }
        try lexer.advance()
        return StreamSelector(alternatives: alternatives)
    }

    private mutating func parseMatcher() throws(QueryError) -> LabelMatcher {
        let label = try requireCompound(.label, "a label")
        if try take(.matches) { return LabelMatcher(label: label, test: .matches(try requireLabelRegexp())) }
        if try take(.notMatches) {
            return LabelMatcher(label: label, isNegated: true, test: .matches(try requireLabelRegexp()))
        }
        if try take(.notEqual) {
            return LabelMatcher(label: label, isNegated: true, test: .equals(try requireLabelValue()))
        }
        if try takeSymbol("=") { return LabelMatcher(label: label, test: .equals(try requireLabelValue())) }
        guard let word = keyword, word == "in" || word == "not_in" else {
            throw unexpected(["`=`", "`!=`", "`=~`", "`!~`", "`in`", "`not_in`"])
        }
        try lexer.advance()
        return LabelMatcher(label: label, isNegated: word == "not_in", test: try parseAlternatives())
    }

    private mutating func requireLabelValue() throws(QueryError) -> ByteString {
        try requireCompound(.labelValue, "a value")
    }

    private mutating func requireLabelRegexp() throws(QueryError) -> ByteString {
        let start = lexer.token.start
        let expression = try requireLabelValue()
        try checkRegexp(expression, at: start)
        return expression
    }

    /// `(a, b)` as the expression `a|b`, and `(*)` as one that matches everything.
    private mutating func parseAlternatives() throws(QueryError) -> LabelMatcher.Test {
        let values = try requireList { parser throws(QueryError) in
            try parser.takeSymbol("*") ? nil : try parser.requireCompound([.argument, .star], "a value")
        }
        return values == [nil] ? .matches(".*") : .oneOf(values.map { $0 ?? "*" })
    }
}

/// RE2 syntax.
enum RegexpText {
    /// An expression that matches exactly these bytes. O(length).
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        let special = Array(#"\.+*?()|[]{}^$"#.utf8)
        return bytes.flatMap { special.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
    }
}
