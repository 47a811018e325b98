import Bytes
import QueryLanguage
import Records

/// What alerts need to know about a rule's LogsQL.
public enum RuleQuery {
    /// What is wrong with an expression, in one line, or nil: it must be a query whose results are labels and numbers.
    public static func check(_ expression: String) -> String? {
        do throws(QueryError) {
            let query = try QueryParser.parse(expression)
            do throws(UnsuitableQueryError) { _ = try query.statsShape() } catch { return error.description }
            return nil
        } catch { return error.description }
    }

    /// The newest records that an alert with these labels counted, `limit` at most. Nil if the expression is no stats
    /// query. O(length).
    public static func samples(_ expression: String, labels: [String: String], limit: Int) -> Query? {
        guard var query = records(expression, labels: labels) else { return nil }
        query.pipes.append(
            .sort(SortPipe(keys: [SortKey(StandardFields.time)], isDescending: true, limit: UInt64(limit))))
        return query
    }

    /// The records that an alert with these labels counted: the expression up to its `stats` pipe, then the labels as
    /// filters. Labels that are no grouping field of that pipe restrict nothing.
    static func records(_ expression: String, labels: [String: String]) -> Query? {
        guard var query = try? QueryParser.parse(expression) else { return nil }
        var groups: [StatsGroup]?
        let index = query.pipes.firstIndex { pipe in
            guard case .stats(let stats) = pipe else { return false }
            groups = stats.groups
            return true
        }
        guard let index, let groups else { return nil }
        query.pipes.removeSubrange(index...)
        var filter = Filter.all
        for group in groups where group.bucket == nil {
            guard let value = labels[group.field.string] else { continue }
            let condition: FieldCondition = value.isEmpty ? .empty : .exact(ByteString(value))
            filter = filter.intersected(with: .field(group.field, condition))
        }
        if filter != .all { query.pipes.append(.filter(filter)) }
        return query
    }

    /// Where the page shows those records: the span of `window` nanoseconds before `time`.
    static func link(_ expression: String, labels: [String: String], at time: Int64, window: Int64) -> String {
        guard let query = records(expression, labels: labels) else { return "" }
        return "/#q=\(TemplateFunction.escape(query.description))"
            + "&from=\((time - window) / 1_000_000)&to=\(time / 1_000_000)"
    }
}
