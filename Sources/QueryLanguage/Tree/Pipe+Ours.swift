import Bytes

/// `patterns [n] [at field] [by (…)]`: the mined templates of a field with counts, share, first and last seen, and a
/// sample.
public struct PatternsPipe: Hashable, Sendable {
    /// 0 is no limit.
    public var limit: UInt64
    public var field: ByteString
    public var groups: [ByteString]

    public init(limit: UInt64 = 0, field: ByteString = "_msg", groups: [ByteString] = []) {
        self.limit = limit
        self.field = field
        self.groups = groups
    }
}

/// `compare [n] with (time) [and (time)] [by (…)]`: new, gone and changed values and templates of two windows, ranked.
///
/// `current` is the time of the query itself unless `and` names another; `baseline` is what it is compared with.
public struct ComparePipe: Hashable, Sendable {
    /// 0 is no limit.
    public var limit: UInt64
    public var baseline: TimeFilter
    public var current: TimeFilter?
    /// Empty: all fields and the templates of `_msg`.
    public var fields: [FieldPattern]

    public init(limit: UInt64 = 0, baseline: TimeFilter, current: TimeFilter? = nil, fields: [FieldPattern] = []) {
        self.limit = limit
        self.baseline = baseline
        self.current = current
        self.fields = fields
    }
}

/// `trace [by (…)] [limit n]`: all records that share an identifier with the matches, in order of time.
public struct TracePipe: Hashable, Sendable {
    /// Identifier fields to follow; empty: whichever there are.
    public var fields: [ByteString]
    /// Identifiers to follow at most; 0 is no limit.
    public var limit: UInt64

    public init(fields: [ByteString] = [], limit: UInt64 = 0) {
        self.fields = fields
        self.limit = limit
    }
}
