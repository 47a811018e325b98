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
    /// Records of services, or values of fields, beyond the limits.
    public var unwatched: UInt64 = 0
    /// Series that have a detector.
    public var series: Int = 0
    /// Updates of a detector.
    public var updates: UInt64 = 0
    /// Findings opened.
    public var findings: UInt64 = 0
    /// Event time up to which buckets are closed, nanoseconds since the epoch; `Int64.min` before the first.
    public var watermark: Int64 = .min

    public init() {}
}
