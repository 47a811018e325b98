import Records

/// What the catalog knows of a segment without opening it.
public struct SegmentEntry: Sendable, Equatable {
    /// Also the file's name; never used again.
    public var number: UInt64
    public var tenant: Tenant
    /// The UTC day of its earliest row, in days since 1970-01-01. Days with few rows share a segment.
    public var day: Int
    public var rows: Int
    /// Of the file.
    public var bytes: Int
    /// Of the values before encoding.
    public var rawBytes: Int
    /// Nanoseconds since the epoch, of the earliest and latest row.
    public var timeRange: ClosedRange<Int64>
    /// How many merges its rows have been through, at most.
    public var level: Int

    public init(
        number: UInt64, tenant: Tenant, day: Int, rows: Int, bytes: Int, rawBytes: Int,
        timeRange: ClosedRange<Int64>, level: Int
    ) {
        self.number = number
        self.tenant = tenant
        self.day = day
        self.rows = rows
        self.bytes = bytes
        self.rawBytes = rawBytes
        self.timeRange = timeRange
        self.level = level
    }

    /// From the earliest row's to the latest one's.
    var days: ClosedRange<Int> { day...max(day, UTCDay.day(of: timeRange.upperBound)) }

    public var blobName: String { Self.blobName(number) }

    static let suffix = ".pls"

    static func blobName(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + suffix
    }
}
