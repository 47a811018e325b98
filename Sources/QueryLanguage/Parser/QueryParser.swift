import Bytes
import Records

/// Reads LogsQL.
public struct QueryParser {
    /// Reads a whole query. Relative times stay relative; `now` (nanoseconds since 1970) is kept with the query for
    /// whoever resolves them. O(length), apart from subqueries in lists, which are looked at twice.
    public static func parse(_ text: String, now: Int64 = 0) throws(QueryError) -> Query {
        var parser = try Parser(text, now: now)
        let query = try parser.parseQuery()
        try parser.requireEnd()
        return query.simplified()
    }

    /// Reads a filter alone, without pipes.
    public static func parseFilter(_ text: String) throws(QueryError) -> Filter {
        var parser = try Parser(text, now: 0)
        let filter = try parser.parseFilter()
        if parser.isAtPipeEnd, !parser.isAtEnd { throw parser.fail("a filter alone is wanted here, without pipes") }
        try parser.requireEnd(or: ["a filter"])
        return filter
    }
}
