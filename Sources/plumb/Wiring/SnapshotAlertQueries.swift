import Alerts
import Bytes
import QueryLanguage
import Records
import Search

/// Rules asked over records that do not change: a folder's, files', or those of a test.
struct SnapshotAlertQueries: AlertQueries {
    let snapshot: any BlockSnapshot
    let executor: QueryExecutor

    func evaluate(_ expression: String, at time: Int64, window: Int64) async throws -> [AlertSample] {
        let query = try QueryParser.parse(expression, now: time)
        var executor = self.executor
        if !query.filter.mentionsTime { executor.timeRange = (time - window + 1)...time }
        var rows: [ResultRows] = []
        let outcome = try executor.run(query, over: snapshot, now: time) { rows.append($0) }
        if let reason = outcome.partial.first { throw CommandFailure.failed("partial: " + reason) }
        return AlertSample.samples(rows, shape: try query.statsShape())
    }

    /// Backtests need no evidence.
    func samples(
        _ expression: String, labels: [String: String], at time: Int64, window: Int64, limit: Int
    ) async throws -> [SampleLine] { [] }
}

extension AlertSample {
    /// The numbers of a `stats` answer, each with its group's labels.
    static func samples(_ rows: [ResultRows], shape: StatsShape) -> [AlertSample] {
        var samples: [AlertSample] = []
        for portion in rows {
            for row in 0..<portion.rowCount {
                var labels: [String: String] = [:]
                for name in shape.labels {
                    let value = portion.value(name, row: row)
                    if !value.isEmpty { labels[name.string] = value.string }
                }
                for name in shape.values {
                    guard let value = Double(portion.value(name, row: row).string) else { continue }
                    var labels = labels
                    if shape.values.count > 1 { labels["__name__"] = name.string }
                    samples.append(AlertSample(labels: labels, value: value))
                }
            }
        }
        return samples
    }
}
