/// One row of a `stats` answer: the `by` fields and one number.
public struct AlertSample: Hashable, Sendable {
    /// The `by` fields. Where a query has several stats functions, each gives samples of its own, told apart by
    /// `__name__` with the result's name.
    public var labels: [String: String]
    public var value: Double

    public init(labels: [String: String], value: Double) {
        self.labels = labels
        self.value = value
    }
}

/// A record shown as evidence.
public struct SampleLine: Hashable, Sendable {
    /// Nanoseconds since the epoch.
    public var time: Int64
    public var line: String
    public var traceID: String?

    public init(time: Int64, line: String, traceID: String? = nil) {
        self.time = time
        self.line = line
        self.traceID = traceID
    }
}

/// How rules ask the stored records. Implemented where queries are run.
public protocol AlertQueries: Sendable {
    /// Runs a LogsQL query with a `stats` pipe as of `time` (nanoseconds since the epoch). A query without a `_time`
    /// filter of its own sees the records of `window` nanoseconds before `time`.
    func evaluate(_ expression: String, at time: Int64, window: Int64) async throws -> [AlertSample]

    /// Up to `limit` of the newest records that the query's filter matched and that have these labels, in the same span
    /// of time; `RuleQuery.samples` makes the query.
    func samples(
        _ expression: String, labels: [String: String], at time: Int64, window: Int64, limit: Int
    ) async throws -> [SampleLine]
}
