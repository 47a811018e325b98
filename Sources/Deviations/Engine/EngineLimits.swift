/// The bounds of the watching layer. What falls outside is counted in `EngineCounters`.
public enum EngineLimits {
    /// Services told apart; the records of further ones are not watched.
    public static let services = 1_000
    /// Values of a field that records are broken down by; a field with more is not.
    public static let valuesPerDimension = 64
    /// Fields that records are broken down by; the first ones to appear.
    public static let dimensions = 24
    /// Numeric duration fields; the first ones to appear.
    public static let measures = 16
    /// Distinct field names remembered.
    public static let fields = 4_096
    /// Series at most: 1.5 KB each.
    public static let series = 100_000
    /// Buckets that stay open behind the newest: records later than that are counted, not watched.
    public static let openBuckets = 3
    /// Buckets that a record may lie ahead of all others before it is taken for a wrong clock.
    public static let bucketsAhead = 288
    /// Findings kept; the oldest resolved ones go first.
    public static let findings = 10_000
    /// Frozen baselines kept; about 0.8 KB a series each.
    public static let frozenBaselines = 3
    /// Points kept for a finding's chart.
    public static let pointsPerFinding = 600
}
