import Bytes

/// `stats by (…) f(…) if (…) as name, …`; also `running_stats` and `total_stats`.
public struct StatsPipe: Hashable, Sendable {
    public var groups: [StatsGroup]
    public var columns: [StatsColumn]

    public init(groups: [StatsGroup] = [], columns: [StatsColumn]) {
        self.groups = groups
        self.columns = columns
    }
}

/// One of the fields inside `by (…)`, as it is or in buckets.
public struct StatsGroup: Hashable, Sendable {
    public var field: ByteString
    public var bucket: StatsBucket?

    public init(_ field: ByteString, bucket: StatsBucket? = nil) {
        self.field = field
        self.bucket = bucket
    }
}

/// How values are rounded down into buckets.
public enum StatsBucket: Hashable, Sendable {
    /// `_time:5m`, `size:10KB`, with `offset d`: multiples of the step, moved by the offset. For times the step is in
    /// nanoseconds.
    case step(NumberLiteral, offset: NumberLiteral?)
    /// `_time:month`: whole units of the calendar by UTC, moved by the offset.
    case calendar(CalendarUnit, offset: NumberLiteral?)
    /// `ip:/24`: leading bits kept; of other values, multiples of what the other bits count.
    case ipv4(bits: UInt8, offset: NumberLiteral?)
}

public enum CalendarUnit: String, Hashable, Sendable, CaseIterable {
    case nanosecond, microsecond, millisecond, second, minute, hour, day, week, month, year

    /// Nil for month and year, whose lengths vary.
    public var nanoseconds: Int64? {
        switch self {
        case .nanosecond: 1
        case .microsecond: 1_000
        case .millisecond: 1_000_000
        case .second: 1_000_000_000
        case .minute: 60_000_000_000
        case .hour: 3_600_000_000_000
        case .day: 86_400_000_000_000
        case .week: 604_800_000_000_000
        case .month, .year: nil
        }
    }
}

/// One function of a `stats` pipe, the rows that it counts and the name of its result.
public struct StatsColumn: Hashable, Sendable {
    public var function: StatsFunction
    /// `if (…)`.
    public var condition: Filter?
    /// The canonical text of function and condition, unless the query names another.
    public var name: ByteString

    public init(_ function: StatsFunction, if condition: Filter? = nil, as name: ByteString? = nil) {
        self.function = function
        self.condition = condition
        self.name = name ?? ByteString(StatsColumn.defaultName(function, condition))
    }
}

/// A function over the rows of a group. An empty list of fields means all fields. A limit of 0 is none.
public enum StatsFunction: Hashable, Sendable {
    /// Some value that is not empty.
    case any([FieldPattern])
    case average([FieldPattern])
    /// Rows, or rows in which at least one of the fields is not empty.
    case count([FieldPattern])
    /// Rows in which all of the fields are empty.
    case countEmpty([FieldPattern])
    /// Distinct tuples that are not empty throughout.
    case countUnique([FieldPattern], limit: UInt64)
    /// The same by 64-bit hash.
    case countUniqueHash([FieldPattern], limit: UInt64)
    /// The value of `result` in the row with the largest `source`.
    case fieldMaximum(source: ByteString, result: ByteString)
    case fieldMinimum(source: ByteString, result: ByteString)
    /// First or last value in the order of the rows; only for `running_stats` and `total_stats`.
    case first([FieldPattern])
    case last([FieldPattern])
    case histogram(ByteString)
    case jsonValues([FieldPattern], sort: [SortKey], limit: UInt64)
    case maximum([FieldPattern])
    case median([FieldPattern])
    case minimum([FieldPattern])
    case quantile(NumberLiteral, [FieldPattern])
    case rate
    case rateSum([FieldPattern])
    case rowAny([FieldPattern])
    case rowMaximum(ByteString, [FieldPattern])
    case rowMinimum(ByteString, [FieldPattern])
    case sum([FieldPattern])
    case sumLength([FieldPattern])
    case uniqueValues([FieldPattern], limit: UInt64)
    case values([FieldPattern], limit: UInt64)
}
