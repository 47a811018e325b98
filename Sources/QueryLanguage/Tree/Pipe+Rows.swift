import Bytes

/// One key of an order.
public struct SortKey: Hashable, Sendable {
    public var field: ByteString
    public var isDescending: Bool

    public init(_ field: ByteString, isDescending: Bool = false) {
        self.field = field
        self.isDescending = isDescending
    }
}

/// `sort by (a desc, b) desc offset m limit n partition by (c) rank as r`. Without keys: by all fields.
public struct SortPipe: Hashable, Sendable {
    public var keys: [SortKey]
    /// `desc` after the keys: the whole order is turned round (so a key that is itself `desc` ascends).
    public var isDescending: Bool
    public var offset: UInt64
    /// 0 is no limit. Offset and limit count within a partition.
    public var limit: UInt64
    public var partition: [ByteString]
    /// Field that gets the place, from 1.
    public var rank: ByteString?

    public init(
        keys: [SortKey], isDescending: Bool = false, offset: UInt64 = 0, limit: UInt64 = 0,
        partition: [ByteString] = [], rank: ByteString? = nil
    ) {
        self.keys = keys
        self.isDescending = isDescending
        self.offset = offset
        self.limit = limit
        self.partition = partition
        self.rank = rank
    }
}

/// `first n by (…) partition by (…) rank as r`, `last …`.
public struct ExtremesPipe: Hashable, Sendable {
    public var count: UInt64
    public var keys: [SortKey]
    public var partition: [ByteString]
    public var rank: ByteString?

    public init(count: UInt64 = 1, keys: [SortKey], partition: [ByteString] = [], rank: ByteString? = nil) {
        self.count = count
        self.keys = keys
        self.partition = partition
        self.rank = rank
    }

    /// The `sort` that `first` is short for, or with `reversed` the one that `last` is.
    public func sort(reversed: Bool) -> SortPipe {
        SortPipe(keys: keys, isDescending: reversed, limit: count, partition: partition, rank: rank)
    }
}

/// `top n by (…) hits as h rank as r`.
public struct TopPipe: Hashable, Sendable {
    public static let defaultCount: UInt64 = 10

    public var count: UInt64
    /// The count as it was written, where it is not the usual one.
    public var countText: String?
    /// Empty: by all fields.
    public var fields: [ByteString]
    public var hits: ByteString
    public var rank: ByteString?

    public init(
        count: UInt64 = defaultCount, fields: [ByteString], hits: ByteString = "hits", rank: ByteString? = nil
    ) {
        self.count = count
        countText = count == Self.defaultCount ? nil : "\(count)"
        self.fields = fields
        self.hits = hits
        self.rank = rank
    }
}

/// `uniq by (…) with hits limit n`.
public struct UniqPipe: Hashable, Sendable {
    /// Empty: by all fields.
    public var fields: [ByteString]
    /// Field for the count; nil without `with hits`.
    public var hits: ByteString?
    /// 0 is no limit.
    public var limit: UInt64

    public init(fields: [ByteString], hits: ByteString? = nil, limit: UInt64 = 0) {
        self.fields = fields
        self.hits = hits
        self.limit = limit
    }
}

/// `facets n max_values_per_field m max_value_len k keep_const_fields`.
public struct FacetsPipe: Hashable, Sendable {
    /// Values a field; 10 by default.
    public var count: UInt64
    /// Fields with more distinct values are left out; 1,000 by default.
    public var maximumValuesPerField: UInt64
    /// Fields with longer values, in bytes, are left out; 128 by default.
    public var maximumValueLength: UInt64
    public var keepsConstantFields: Bool

    public init(
        count: UInt64 = 10, maximumValuesPerField: UInt64 = 1_000, maximumValueLength: UInt64 = 128,
        keepsConstantFields: Bool = false
    ) {
        self.count = count
        self.maximumValuesPerField = maximumValuesPerField
        self.maximumValueLength = maximumValueLength
        self.keepsConstantFields = keepsConstantFields
    }
}

/// `stream_context before a after b time_window d`.
public struct StreamContextPipe: Hashable, Sendable {
    public var before: UInt64
    public var after: UInt64
    /// Nil is one hour.
    public var window: DurationLiteral?

    public static let defaultWindowNanoseconds: Int64 = 3_600_000_000_000

    public init(before: UInt64 = 0, after: UInt64 = 0, window: DurationLiteral? = nil) {
        self.before = before
        self.after = after
        self.window = window
    }
}

/// `join by (…) (query) inner prefix "p"`.
public struct JoinPipe: Hashable, Sendable {
    public var fields: [ByteString]
    public var query: Query
    public var isInner: Bool
    public var prefix: ByteString

    public init(fields: [ByteString], query: Query, isInner: Bool = false, prefix: ByteString = .empty) {
        self.fields = fields
        self.query = query
        self.isInner = isInner
        self.prefix = prefix
    }
}
