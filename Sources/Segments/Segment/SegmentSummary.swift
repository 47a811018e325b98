import Bytes
import Records

/// What a segment holds, for catalogs and `plumb stats`.
public struct SegmentSummary: Sendable, Equatable {
    public var tenant: Tenant
    public var rowCount: Int
    /// Nanoseconds since the epoch.
    public var timeRange: ClosedRange<Int64>
    public var blockCount: Int
    /// Bytes of all values as they came, field names and `_time` not among them.
    public var rawBytes: Int
    /// Bytes of the whole file.
    public var storedBytes: Int
    /// Bytes of the identifier index alone.
    public var identifierIndexBytes: Int
}

/// What one column takes in a segment.
public struct ColumnUsage: Sendable, Equatable {
    public var name: ByteString
    /// Bytes of its values as they came.
    public var rawBytes = 0
    /// Bytes by the outermost encoding, over all blocks.
    public var storedBytes: [ColumnEncoding: Int] = [:]
    /// Bytes of its word filters.
    public var wordFilterBytes = 0
    /// Rows without a value.
    public var missing = 0

    public var totalBytes: Int { storedBytes.values.reduce(wordFilterBytes, +) }
}
