import Alerts
import Bytes
import QueryLanguage
import Records
import Search
import Store
import Web

/// How rules ask the stored records: on threads of their own, so that no client can keep them waiting.
struct StoreAlertQueries: AlertQueries {
    let store: Store
    let executor: QueryExecutor
    let threads: QueryThreads

    func evaluate(_ expression: String, at time: Int64, window: Int64) async throws -> [AlertSample] {
        let query = try QueryParser.parse(expression, now: time)
        let shape = try query.statsShape()
        return AlertSample.samples(try await run(query, at: time, window: window), shape: shape)
    }

    func samples(
        _ expression: String, labels: [String: String], at time: Int64, window: Int64, limit: Int
    ) async throws -> [SampleLine] {
        guard var query = RuleQuery.samples(expression, labels: labels, limit: limit) else { return [] }
        query.now = time
        return try await run(query, at: time, window: window).flatMap { portion in
            (0..<portion.rowCount).map { row in
                let moment = JSONLine.time(portion.value(StandardFields.time, row: row).string) ?? time
                let id = portion.value("trace_id", row: row)
                return SampleLine(
                    time: moment, line: portion.value(StandardFields.message, row: row).string,
                    traceID: id.isEmpty ? nil : id.string)
            }
        }
    }

    /// A query without a `_time` filter of its own sees the window before `time`.
    private func run(_ query: Query, at time: Int64, window: Int64) async throws -> [ResultRows] {
        var executor = self.executor
        if !query.filter.mentionsTime { executor.timeRange = (time - window + 1)...time }
        let snapshot = store.snapshot(.main)
        let bounded = executor
        return try await withCheckedThrowingContinuation { continuation in
            let isTaken = threads.start { [threads, store] in
                let answer = Result<[ResultRows], any Error> {
                    var rows: [ResultRows] = []
                    let outcome = try bounded.run(
                        query, over: snapshot, now: time, cancelled: { threads.isClosed }
                    ) { rows.append($0) }
                    // A number over part of the records must not fire, nor resolve, anything.
                    if let reason = outcome.partial.first { throw CommandFailure.failed("partial: " + reason) }
                    return rows
                }
                // The next evaluation does without the damaged block.
                if case .failure(let error as CorruptionError) = answer { store.quarantine(error) }
                continuation.resume(with: answer)
            }
            if !isTaken { continuation.resume(throwing: CommandFailure.failed("too many queries wait")) }
        }
    }
}
