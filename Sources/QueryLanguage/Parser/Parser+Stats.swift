import Bytes
import Records

/// `stats`, `running_stats` and `total_stats`.
extension Parser {
    enum StatsKind {
        case stats, running

        var functions: [String] {
            switch self {
            case .stats: Keywords.statsFunctions.filter { $0 != "first" && $0 != "last" }
            case .running: ["count", "first", "last", "max", "min", "sum"]
            }
        }
    }

    mutating func parseStats(_ kind: StatsKind) throws(QueryError) -> StatsPipe {
        var groups: [StatsGroup] = []
        let hasWord = isKeyword("by") && lexer.byteAhead == UInt8(ascii: "(")
        if hasWord { try lexer.advance() }
        if hasWord || isSymbol("(") {
            groups = try requireList { parser throws(QueryError) in try parser.parseGroup(kind) }
        }
        var taken = kind == .stats ? Set(groups.map(\.field)) : []
        let columns = try requireBareList { parser throws(QueryError) in
            let start = parser.lexer.token.start
            let column = try parser.parseColumn(kind)
            guard taken.insert(column.name).inserted else {
                throw parser.fail("`\(column.name)` would stand for two results", at: start, expected: ["another name"])
            }
            return column
        }
        return StatsPipe(groups: groups, columns: columns)
    }

    /// Only `stats` has buckets: elsewhere a colon is a part of the name.
    private mutating func parseGroup(_ kind: StatsKind) throws(QueryError) -> StatsGroup {
        if kind == .running { return StatsGroup(try requireCompound([.lists, .star], "a field name")) }
        let name = try requireCompound([.lists, .star, .colon], "a field name")
        let field = name.isEmpty ? StandardFields.message : name
        guard try takeSymbol(":") else { return StatsGroup(field) }
        if isSymbol("/") {
            try lexer.advance()
            let start = lexer.token.start
            let bits = try requireCount()
            guard bits <= 32 else { throw fail("the mask must be 0…32 bits", at: start, expected: ["/24"]) }
            return StatsGroup(field, bucket: .ipv4(bits: UInt8(bits), offset: try takeOffset()))
        }
        if let word = keyword, let unit = CalendarUnit(rawValue: word) {
            try lexer.advance()
            return StatsGroup(field, bucket: .calendar(unit, offset: try takeOffset()))
        }
        let start = lexer.token.start
        let step = try requirePlainNumber("a step")
        guard step.value >= 0 else {
            throw fail("the step must not be below zero", at: start, expected: ["5m", "10KB"])
        }
        return StatsGroup(field, bucket: .step(step, offset: try takeOffset()))
    }

    private mutating func takeOffset() throws(QueryError) -> NumberLiteral? {
        try takeKeyword("offset") ? try requirePlainNumber("an offset") : nil
    }

    /// A decimal, a size or a duration.
    private mutating func requirePlainNumber(_ what: String) throws(QueryError) -> NumberLiteral {
        let start = lexer.token.start
        let text = try requireLiteral(what)
        let bytes = Array(text.utf8).rawSpan
        let isPlain =
            NumericText.plainDecimal(bytes) != nil || NumericText.size(bytes) != nil
            || NumericText.duration(bytes) != nil
        guard isPlain, let number = NumberLiteral(text) else {
            throw fail("this is no number", at: start, expected: ["5m", "10KB", "0.5"])
        }
        return number
    }

    private mutating func parseColumn(_ kind: StatsKind) throws(QueryError) -> StatsColumn {
        let start = lexer.token.start
        guard let name = keyword else { throw unexpected(kind.functions.map { "`\($0)(…)`" }) }
        guard kind.functions.contains(name), lexer.byteAhead == UInt8(ascii: "(") else {
            let known = kind.functions.contains(name)
            throw fail(
                known ? "`\(name)` needs parentheses" : "unknown stats function `\(name)`", at: start,
                expected: known ? ["`\(name)(…)`"] : kind.functions,
                suggestion: known ? nil : NearestName.suggestion(for: name, among: kind.functions))
        }
        try lexer.advance()
        let function = try parseStatsFunction(name)
        let condition = kind == .stats ? try takeCondition() : nil
        return StatsColumn(function, if: condition, as: try takeResultName())
    }

    private mutating func parseStatsFunction(_ name: String) throws(QueryError) -> StatsFunction {
        switch name {
        case "any": return .any(try requireSingle())
        case "avg": return .average(try requirePatterns())
        case "count": return .count(try requirePatterns())
        case "count_empty": return .countEmpty(try requirePatterns())
        case "count_uniq": return .countUnique(try requireTuple(), limit: try takeLimit())
        case "count_uniq_hash": return .countUniqueHash(try requireTuple(), limit: try takeLimit())
        case "first": return .first(try requirePatterns())
        case "last": return .last(try requirePatterns())
        case "max": return .maximum(try requirePatterns())
        case "median": return .median(try requirePatterns())
        case "min": return .minimum(try requirePatterns())
        case "rate_sum": return .rateSum(try requirePatterns())
        case "row_any": return .rowAny(try requirePatterns())
        case "sum": return .sum(try requirePatterns())
        case "sum_len": return .sumLength(try requirePatterns())
        case "uniq_values": return .uniqueValues(try requirePatterns(), limit: try takeLimit())
        case "values": return .values(try requirePatterns(), limit: try takeLimit())
        default: return try parseSpecialFunction(name)
        }
    }

    /// `(a)`.
    private mutating func requireSingle() throws(QueryError) -> [FieldPattern] {
        let start = lexer.token.start
        let patterns = try requirePatterns()
        guard patterns.count == 1 else {
            throw fail("the function needs one field", at: start, expected: ["`(field)`"])
        }
        return patterns
    }

    /// `(a, b)`: at least one name, and no prefixes.
    private mutating func requireTuple() throws(QueryError) -> [FieldPattern] {
        let start = lexer.token.start
        let names = try requireNames()
        guard !names.isEmpty else { throw fail("the function needs a field", at: start, expected: ["`(field)`"]) }
        return names.map { FieldPattern($0) }
    }

    private mutating func parseSpecialFunction(_ name: String) throws(QueryError) -> StatsFunction {
        let start = lexer.token.start
        switch name {
        case "quantile": return try parseQuantile()
        case "json_values": return try parseJSONValues()
        case "rate":
            guard try requirePatterns().isEmpty else {
                throw fail("`rate` takes no fields", at: start, expected: ["`()`"])
            }
            return .rate
        case "row_max", "row_min":
            let (field, rest) = try requireFieldAndPatterns()
            return name == "row_max" ? .rowMaximum(field, rest) : .rowMinimum(field, rest)
        case "field_max", "field_min", "histogram":
            let names = try requireNames()
            guard names.count == (name == "histogram" ? 1 : 2) else {
                let form = name == "histogram" ? "`histogram(field)`" : "`\(name)(source, result)`"
                throw fail("wrong number of fields for `\(name)`", at: start, expected: [form])
            }
            if name == "histogram" { return .histogram(names[0]) }
            return name == "field_max"
                ? .fieldMaximum(source: names[0], result: names[1]) : .fieldMinimum(source: names[0], result: names[1])
        default: preconditionFailure("a stats function without a rule")
        }
    }

    private mutating func parseQuantile() throws(QueryError) -> StatsFunction {
        try require("(")
        let start = lexer.token.start
        let phi = try requireNumber("a quantile")
        guard (0...1).contains(phi.value), NumericText.plainDecimal(Array(phi.text.utf8).rawSpan) != nil else {
            throw fail("the quantile must lie between 0 and 1", at: start, expected: ["0.5", "0.99"])
        }
        var fields: [FieldPattern] = []
        while try takeSymbol(","), !isSymbol(")") { fields.append(try requirePattern()) }
        try require(")")
        return .quantile(phi, fields == [.all] ? [] : fields)
    }

    private mutating func requireFieldAndPatterns() throws(QueryError) -> (ByteString, [FieldPattern]) {
        try require("(")
        let field = try requireName()
        var rest: [FieldPattern] = []
        while try takeSymbol(","), !isSymbol(")") { rest.append(try requirePattern()) }
        try require(")")
        return (field, rest == [.all] ? [] : rest)
    }

    private mutating func parseJSONValues() throws(QueryError) -> StatsFunction {
        let fields = try requirePatterns()
        var keys: [SortKey] = []
        if isKeyword("sort") || isKeyword("order") {
            try lexer.advance()
            keys = try takeSortKeys()
        }
        return .jsonValues(fields, sort: keys, limit: try takeLimit())
    }
}
