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

/// How the values of a column are laid down: the outermost encoding, and that of the values in it.
public struct StoredEncoding: Hashable, Sendable, CustomStringConvertible {
    public var outer: ColumnEncoding
    public var values: ColumnEncoding

    /// `sparse of hexadecimal`, or one word where both are the same.
    public var description: String { outer == values ? "\(outer)" : "\(outer) of \(values)" }
}

/// What one column takes in a segment.
public struct ColumnUsage: Sendable, Equatable {
    public var name: ByteString
    /// Bytes of its values as they came.
    public var rawBytes = 0
    /// Bytes by encoding, over all blocks.
    public var storedBytes: [StoredEncoding: Int] = [:]
    /// Bytes of its word filters.
    public var wordFilterBytes = 0
    /// Rows without a value.
    public var missing = 0

    public var totalBytes: Int { storedBytes.values.reduce(wordFilterBytes, +) }

    /// Adds what the same column takes elsewhere.
    public mutating func add(_ other: ColumnUsage) {
        rawBytes += other.rawBytes
        storedBytes.merge(other.storedBytes, uniquingKeysWith: +)
        wordFilterBytes += other.wordFilterBytes
        missing += other.missing
    }
}
