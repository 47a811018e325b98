import Records

/// How the watching layer is set up. The defaults are meant for everyone.
public struct EngineOptions: Sendable, Equatable {
    /// Whose records are watched.
    public var tenant: Tenant = .main
    /// Length of a bucket of event time.
    public var bucketSeconds: Int64 = 300
    /// Days of each series that are learnt from before anything is reported.
    public var learningDays: Double = 7
    /// Days between false findings of a whole healthy fleet that the thresholds aim at.
    public var daysBetweenFalseFindings: Double = 25
    /// Series at most; the ones with the most records are kept.
    public var maximumSeries = EngineLimits.series

    public init() {}
}

/// What the engine has seen, for `/metrics`.
public struct EngineCounters: Sendable, Equatable {
    /// Records taken in.
    public var rows: UInt64 = 0
    /// Records that came after their bucket was closed.
    public var late: UInt64 = 0
    /// Records too far ahead of all others to be believed.
    public var ahead: UInt64 = 0
    /// Values of fields that had too many to be told apart, one a record.
    public var unwatchedValues: UInt64 = 0
    /// Records of services beyond `EngineLimits.services`.
    public var unwatchedServices: UInt64 = 0
    /// Values, one a record and measure, of breakdowns for which there was no room.
    public var unwatchedParts: UInt64 = 0
    /// Breakdowns with records enough for a series that wait for room.
    public var seriesWaiting: Int = 0
    /// Series that were given up for others with more records.
    public var seriesReplaced: UInt64 = 0
    /// Fields by which, or of which, nothing is watched: beyond the limits, or with too many values.
    public var fieldsClosed: Int = 0
    /// Series that have a detector.
    public var series: Int = 0
    /// Updates of a detector.
    public var updates: UInt64 = 0
    /// Findings opened.
    public var findings: UInt64 = 0
    /// Event time up to which buckets are closed, nanoseconds since the epoch; `Int64.min` before the first.
    public var watermark: Int64 = .min

    /// All that fell outside of the limits, in values.
    public var unwatched: UInt64 { unwatchedValues + unwatchedServices + unwatchedParts }

    public init() {}
}
