import Bytes
import QueryLanguage
import Records

/// A query made ready to run over one snapshot.
struct QueryPlan {
    var filter: any RowFilter
    /// No row outside can match.
    var timeRange: ClosedRange<Int64>
    /// An identifier that every matching row holds.
    var identifier: ByteString?
    /// Added to the times of the answer, in nanoseconds.
    var timeShift: Int64
    var stages: [Stage]
    /// Latest blocks first, and whole blocks left out, where only the newest or oldest rows are wanted.
    var cutoff: TimeCutoff?
}

/// What parts of a query need to know about the whole.
struct QueryContext {
    let executor: QueryExecutor
    let snapshot: any BlockSnapshot
    let now: Int64
    let budget: QueryBudget
    let outcome: OutcomeCounter
    /// Subqueries inside subqueries.
    let depth: Int
}

extension QueryContext {
    static let maximumDepth = 16

    /// Runs a subquery to its end and keeps its rows, which stay charged to the budget.
    func rows(of query: Query) throws -> [ResultRows] {
        guard depth < Self.maximumDepth else { throw SearchError.unsupported("nesting of more than 16 subqueries") }
        var results: [ResultRows] = []
        var count = 0
        let limit = executor.limits.subqueryRows
        let inner = QueryContext(
            executor: executor, snapshot: snapshot, now: now, budget: budget, outcome: outcome, depth: depth + 1)
        var memory = MemoryMeter(budget)
        var held = 0
        try executor.run(query, inner) { rows in
            count += rows.rowCount
            if count > limit { throw SearchError.subqueryRows(limit: limit) }
            held += rows.memoryBytes
            try memory.set(held)
            results.append(rows)
        }
        return results
    }

    /// Distinct values of one field in the results of a subquery.
    func values(of query: Query, field: ByteString) throws -> [ByteString] {
        var table = KeyTable()
        var memory = MemoryMeter(budget)
        for rows in try rows(of: query) {
            guard let index = rows.names.firstIndex(of: field) else {
                if rows.rowCount > 0 { _ = table.insert([UInt8]().rawSpan) }
                continue
            }
            let column = rows.columns[index]
            for row in 0..<rows.rowCount { _ = table.insert(column[row]) }
            try memory.set(table.memoryBytes)
        }
        return (0..<table.count).map { table.keys.value($0) }
    }

    /// Runs a subquery to its end and keeps its rows as chunks.
    func chunks(of query: Query) throws -> [Chunk] { try rows(of: query).map { Chunk($0) } }

    func compile(_ filter: Filter) throws -> any RowFilter {
        do {
            return try FilterCompiler(now: now, values: { try values(of: $0, field: $1) }).compile(filter)
        } catch let error as RegexpError {
            throw SearchError.regexp(pattern: error.pattern, reason: error.reason)
        }
    }
}
