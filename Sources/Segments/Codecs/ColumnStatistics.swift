import Records

/// What a block's header says of a column, known without reading its data.
public struct ColumnStatistics: Sendable, Equatable {
    /// The outermost encoding.
    public var encoding: ColumnEncoding
    /// The encoding of the values themselves, inside a dictionary or a sparse column.
    public var valueEncoding: ColumnEncoding
    /// Rows without a value.
    public var missing: Int = 0
    /// Distinct values, the empty one included; 0 where nobody counted.
    public var distinct: Int = 0
    /// Bytes of all values as they came.
    public var rawBytes: Int = 0
    /// Smallest and largest value where every row is a canonical integer.
    public var integers: ClosedRange<Int64>?
    /// Digits of a value where all are hex of one width (32 for a UUID); 0 otherwise.
    public var hexDigits: Int = 0

    /// While encoding only: where each distinct value stands first, if a dictionary was built.
    var distinctSlices: [RecordBatch.Slice]?

    /// While encoding only: `areLongNumbers` of the rows that have a value.
    var presentAreLongNumbers = false

    init(_ encoding: ColumnEncoding) {
        self.encoding = encoding
        valueEncoding = encoding
    }

    /// Whether the values have the shape of identifiers: hex digits of one width, 16 at least, or UUIDs.
    var areShapedLikeIdentifiers: Bool { hexDigits >= 16 }

    /// Whether all values are integers of 17 digits at least, which count nothing. While encoding only.
    var areLongNumbers: Bool { presentAreLongNumbers || (integers?.lowerBound ?? 0) >= 10_000_000_000_000_000 }
}
