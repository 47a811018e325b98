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
        rows.flatMap { portion in
            (0..<portion.rowCount).flatMap { row in samples(shape) { portion.value($0, row: row).string } }
        }
    }

    /// Those of one row; `value` answers the empty text for a field that the row lacks.
    static func samples(_ shape: StatsShape, _ value: (ByteString) -> String) -> [AlertSample] {
        var labels: [String: String] = [:]
        for name in shape.labels {
            let text = value(name)
            if !text.isEmpty { labels[name.string] = text }
        }
        return shape.values.compactMap { name in
            guard let number = Double(value(name)) else { return nil }
            var labels = labels
            if shape.values.count > 1 { labels["__name__"] = name.string }
            return AlertSample(labels: labels, value: number)
        }
    }
}
