import Bytes
import QueryLanguage
import Records
import Search
import Testing

/// A moment all tests agree on: 2025-06-10T12:00:00Z.
let testNow: Int64 = 1_749_556_800_000_000_000

typealias Fields = [(String, String)]

/// Runs a query over rows and gives back the rows of the answer, fields in order, empty ones left out.
func answer(
    _ text: String, _ rows: [Fields], batchRows: Int = 1_000, workers: Int = 1, shape: RowShape = .fieldSets,
    limits: QueryLimits = QueryLimits()
) throws -> [Fields] {
    let timed = rows.enumerated().map {
        (time: testNow - 1_000_000_000 * Int64(rows.count - $0.offset), fields: $0.element)
    }
    return try answer(text, timed: timed, batchRows: batchRows, workers: workers, shape: shape, limits: limits).rows
}

func answer(
    _ text: String, timed rows: [(time: Int64, fields: Fields)], batchRows: Int = 1_000, workers: Int = 1,
    shape: RowShape = .records, limits: QueryLimits = QueryLimits()
) throws -> (rows: [Fields], outcome: QueryOutcome) {
    var batches: [RecordBatch] = []
    for start in stride(from: 0, to: rows.count, by: batchRows) {
        batches.append(RecordBatch(rows: Array(rows[start..<min(start + batchRows, rows.count)])))
    }
    return try answer(text, over: MemorySnapshot(batches), workers: workers, shape: shape, limits: limits)
}

func answer(
    _ text: String, over snapshot: any BlockSnapshot, workers: Int = 1, shape: RowShape = .records,
    limits: QueryLimits = QueryLimits(), cache: ColumnCache? = nil
) throws -> (rows: [Fields], outcome: QueryOutcome) {
    let query = try QueryParser.parse(text, now: testNow)
    var executor = QueryExecutor(limits: limits, workers: workers, shape: shape)
    if let cache { executor.cache = cache }
    var output: [Fields] = []
    let outcome = try executor.run(query, over: snapshot, now: testNow) { results in
        for row in 0..<results.rowCount {
            var fields: Fields = []
            for (name, column) in zip(results.names, results.columns) where column.length(row) > 0 {
                fields.append((name.string, column.value(row).string))
            }
            output.append(fields)
        }
    }
    return (output, outcome)
}

/// Rows as lines, fields sorted by name: what tests compare.
func lines(_ rows: [Fields]) -> [String] {
    rows.map { row in
        row.filter { !$0.1.isEmpty }.sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" }.joined(separator: " | ")
    }
}
