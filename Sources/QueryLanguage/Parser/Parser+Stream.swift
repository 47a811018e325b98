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
        guard let label = try takeValue(colons: true) else { throw unexpected(["a label"]) }
        if let word = keyword, word == "in" || word == "not_in" {
            try lexer.advance()
            let values = try requireList { parser throws(QueryError) in try parser.requireValue() }
            return LabelMatcher(label: label, isNegated: word == "not_in", test: .isIn(values))
        }
        if try takeSymbol("=") {
            let isRegexp = try takeAdjacent("~")
            let value = try requireValue()
            return LabelMatcher(label: label, test: isRegexp ? .matches(value) : .equals(value))
        }
        guard try takeSymbol("!") else { throw unexpected(["`=`", "`!=`", "`=~`", "`!~`", "`in`", "`not_in`"]) }
        let isRegexp = try takeAdjacent("~")
        if !isRegexp, try !takeAdjacent("=") { throw unexpected(["`!=`", "`!~`"]) }
        let value = try requireValue()
        return LabelMatcher(label: label, isNegated: true, test: isRegexp ? .matches(value) : .equals(value))
    }
}
