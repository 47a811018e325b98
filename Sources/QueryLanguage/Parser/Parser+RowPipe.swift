import Bytes
import Records

/// Pipes that choose, order, count and join rows.
extension Parser {
    /// Nil if the name is another's.
    mutating func parseRowPipe(_ name: String) throws(QueryError) -> Pipe? {
        switch name {
        case "compare": return .compare(try parseCompare())
        case "facets": return .facets(try parseFacets())
        case "first": return .first(try parseExtremes())
        case "join": return .join(try parseJoin())
        case "last": return .last(try parseExtremes())
        case "patterns": return .patterns(try parsePatterns())
        case "running_stats": return .runningStats(try parseStats(.running))
        case "sort", "order": return .sort(try parseSort())
        case "stats": return .stats(try parseStats(.stats))
        case "stream_context": return .streamContext(try parseStreamContext())
        case "top": return .top(try parseTop())
        case "total_stats": return .totalStats(try parseStats(.running))
        case "trace": return .trace(TracePipe(fields: try takeBy() ?? [], limit: try takeLimit()))
        case "union": return .union(try requireSubquery())
        case "uniq": return .uniq(try parseUniq())
        default: return nil
        }
    }

    private mutating func requireSubquery() throws(QueryError) -> Query {
        try require("(")
        let query = try parseQuery()
        guard try takeSymbol(")") else { throw unexpected(["`)`", "`|`"]) }
        return query
    }

    /// `by (a desc, b)` or `(a, b)`; nothing if neither stands here.
    mutating func takeSortKeys() throws(QueryError) -> [SortKey] {
        guard try takeKeyword("by") || isSymbol("(") else { return [] }
        return try requireList { parser throws(QueryError) in try parser.requireSortKey() }
    }

    private mutating func requireSortKey() throws(QueryError) -> SortKey {
        let field = try requireName()
        if try takeKeyword("desc") { return SortKey(field, isDescending: true) }
        _ = try takeKeyword("asc")
        return SortKey(field)
    }

    private mutating func parseSort() throws(QueryError) -> SortPipe {
        var sort = SortPipe(keys: try takeSortKeys())
        if try takeKeyword("desc") { sort.isDescending = true } else { _ = try takeKeyword("asc") }
        while !isAtPipeEnd {
            let start = lexer.token.start
            if sort.offset == 0, try takeKeyword("offset") {
                sort.offset = try requireInteger()
            } else if sort.limit == 0, try takeKeyword("limit") {
                sort.limit = try requireInteger()
            } else if sort.partition.isEmpty, try takeKeyword("partition") {
                sort.partition = try requirePartition()
            } else if let rank = try takeRank() {
                sort.rank = rank
            } else {
                let isSecond = ["offset", "limit", "partition"].contains { isKeyword($0) }
                if isSecond { throw fail("this stands here twice", at: start) }
                throw unexpected(["`desc`", "`limit`", "`offset`", "`partition by`", "`rank`", "`|`"])
            }
        }
        guard sort.partition.isEmpty || sort.limit > 0 else {
            throw fail("`partition by` needs a `limit`", expected: ["`limit 3`"])
        }
        return sort
    }

    /// `by (a, b)` or `(a, b)` behind `partition`.
    private mutating func requirePartition() throws(QueryError) -> [ByteString] {
        _ = try takeKeyword("by")
        return try requireNames()
    }

    private mutating func parseExtremes() throws(QueryError) -> ExtremesPipe {
        let start = lexer.token.start
        let count = isAtCount ? try requireInteger() : 1
        guard count > 0 else { throw fail("the count must not be zero", at: start, expected: ["1", "100"]) }
        var extremes = ExtremesPipe(count: count, keys: try takeSortKeys())
        while !isAtPipeEnd {
            if try takeKeyword("partition") {
                extremes.partition = try requirePartition()
            } else if let rank = try takeRank() {
                extremes.rank = rank
            } else {
                throw unexpected(["`by`", "`partition by`", "`rank`", "`|`"])
            }
        }
        return extremes
    }

    private mutating func parseTop() throws(QueryError) -> TopPipe {
        let count = isAtCount ? try requireTopCount() : nil
        let isBare = !isKeyword("hits") && !isKeyword("rank") && !isKeyword("with")
        var top = TopPipe(fields: try requireFields(try takeBy(bare: isBare)))
        if let count { (top.count, top.countText) = count }
        while !isAtPipeEnd {
            if try takeKeyword("hits") {
                _ = try takeKeyword("as")
                top.hits = try requireName()
            } else if let rank = try takeRank() {
                top.rank = rank
            } else {
                throw unexpected(["`hits as`", "`rank`", "`|`"])
            }
        }
        top.hits = free(top.hits, among: top.fields)
        top.rank = top.rank.map { free($0, among: top.fields) }
        return top
    }

    /// `5`, `10K`, `2.5`: any number that is at least one, and its text, unless it is the usual one.
    private mutating func requireTopCount() throws(QueryError) -> (UInt64, String?) {
        let start = lexer.token.start
        let number = try requireNumber("a count")
        guard number.value >= 1 else {
            throw fail("the count must be at least one", at: start, expected: ["1", "100"])
        }
        let count = number.value < 0x1p64 ? UInt64(number.value) : .max
        return (count, count == TopPipe.defaultCount ? nil : number.text)
    }

    private func requireFields(_ fields: [ByteString]?) throws(QueryError) -> [ByteString] {
        guard let fields, !fields.isEmpty else { throw unexpected(["`by (fields)`"]) }
        return fields
    }

    mutating func requireKeyword(_ word: String) throws(QueryError) {
        guard try takeKeyword(word) else { throw unexpected(["`\(word)`"]) }
    }

    /// The name with as many `s` behind it as it takes to be none of the others.
    private func free(_ name: ByteString, among others: [ByteString]) -> ByteString {
        var name = name
        while others.contains(name) { name = ByteString(name.bytes + [UInt8(ascii: "s")]) }
        return name
    }

    private mutating func parseUniq() throws(QueryError) -> UniqPipe {
        let isBare = !isKeyword("with") && !isKeyword("hits") && !isKeyword("limit")
        var uniq = UniqPipe(fields: try requireFields(try takeBy(bare: isBare)))
        if isKeyword("with") || isKeyword("hits") {
            _ = try takeKeyword("with")
            try requireKeyword("hits")
            uniq.hits = free(try takeKeyword("as") ? try requireName() : "hits", among: uniq.fields)
        }
        uniq.limit = try takeLimit()
        guard isAtPipeEnd else { throw unexpected(["`with hits`", "`limit`", "`|`"]) }
        return uniq
    }

    private mutating func parseFacets() throws(QueryError) -> FacetsPipe {
        var facets = FacetsPipe()
        if isAtCount { facets.count = try requirePositiveCount() }
        while !isAtPipeEnd {
            if try takeKeyword("max_values_per_field") {
                facets.maximumValuesPerField = try requirePositiveCount()
            } else if try takeKeyword("max_value_len") {
                facets.maximumValueLength = try requirePositiveCount()
            } else if try takeKeyword("keep_const_fields") {
                facets.keepsConstantFields = true
            } else {
                throw unexpected(["`max_values_per_field`", "`max_value_len`", "`keep_const_fields`", "`|`"])
            }
        }
        return facets
    }

    private mutating func parseStreamContext() throws(QueryError) -> StreamContextPipe {
        var context = StreamContextPipe()
        var hasSide = false
        while !isAtPipeEnd {
            if try takeKeyword("before") {
                context.before = try requireWholeNumber()
                hasSide = true
            } else if try takeKeyword("after") {
                context.after = try requireWholeNumber()
                hasSide = true
            } else if try takeKeyword("time_window") {
                let start = lexer.token.start
                let nanoseconds = try requireDuration().nanoseconds
                guard nanoseconds >= 0 else { throw fail("this is no window", at: start, expected: ["5m", "1h"]) }
                let isUsual = nanoseconds == StreamContextPipe.defaultWindowNanoseconds
                context.window = isUsual ? nil : DurationLiteral(nanoseconds: nanoseconds)
            } else {
                throw unexpected(["`before`", "`after`", "`time_window`", "`|`"])
            }
        }
        guard hasSide else { throw unexpected(["`before`", "`after`"]) }
        return context
    }

    private mutating func parseJoin() throws(QueryError) -> JoinPipe {
        if !isKeyword("by") { _ = try takeKeyword("on") }
        let start = lexer.token.start
        if isKeyword("by") { try lexer.advance() }
        guard isSymbol("("), case let fields = try requireNames(), !fields.isEmpty else {
            throw fail("`join` needs the fields to join by", at: start, expected: ["`by (fields)`"])
        }
        var join = JoinPipe(fields: fields, query: try requireSubquery())
        while !isAtPipeEnd {
            if !join.isInner, try takeKeyword("inner") {
                join.isInner = true
            } else if try takeKeyword("prefix") {
                join.prefix = try requireValue("a prefix in quotes")
            } else {
                throw unexpected(["`inner`", "`prefix`", "`|`"])
            }
        }
        return join
    }

    private mutating func parsePatterns() throws(QueryError) -> PatternsPipe {
        let limit = isAtCount ? try requireCount() : 0
        let field = try takeField(after: "at")
        return PatternsPipe(limit: limit, field: field, groups: try takeBy() ?? [])
    }

    private mutating func parseCompare() throws(QueryError) -> ComparePipe {
        let limit = isAtCount ? try requireCount() : 0
        try requireKeyword("with")
        var compare = ComparePipe(limit: limit, baseline: try requireWindow())
        if try takeKeyword("and") { compare.current = try requireWindow() }
        if isKeyword("by") || isSymbol("(") {
            _ = try takeKeyword("by")
            compare.fields = try requirePatterns()
        }
        return compare
    }

    private mutating func requireWindow() throws(QueryError) -> TimeFilter {
        try require("(")
        let time = try parseTime()
        guard try takeSymbol(")") else { throw unexpected(["`)`", "`offset`"]) }
        return time
    }
}
