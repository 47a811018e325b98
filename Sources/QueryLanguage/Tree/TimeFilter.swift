import Records

/// `_time:…`: a range of time, or a range within each day or week, moved back by an offset.
public struct TimeFilter: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
        /// `5m`: `(now - 5m, now]`.
        case last(DurationLiteral)
        /// `2023-04Z`: the whole of the period that the literal names.
        case period(TimePoint)
        /// `>5m`, `<=2023-04-25Z`. With a duration the comparison is of ages: `>5m` is older than five minutes.
        case compare(ComparisonOperator, TimePoint)
        /// `[a, b)`.
        case between(TimePoint, includesLower: Bool, TimePoint, includesUpper: Bool)
        /// `offset 1h` alone: everything until now, less the offset.
        case untilNow
        /// `day_range[08:00, 18:00)`.
        case dayRange(DayRange)
        /// `week_range[Mon, Fri]`.
        case weekRange(WeekRange)
    }

    public var form: Form
    public var offset: DurationLiteral?
    /// `_time:=5m` says the same as `_time:5m`, but prints as it was written.
    public var hasEqualsSign: Bool

    public init(_ form: Form, offset: DurationLiteral? = nil, hasEqualsSign: Bool = false) {
        self.form = form
        self.offset = offset
        self.hasEqualsSign = hasEqualsSign
    }
}

/// A moment in a query: a (partial) date, Unix time, or something relative to now.
public struct TimePoint: Hashable, Sendable {
    public enum Moment: Hashable, Sendable {
        /// Nanoseconds since 1970, first and last of the period that the literal names: `2023Z` is a year, Unix
        /// seconds a second.
        case absolute(first: Int64, last: Int64)
        /// `now`, `now-1h`, `now+5m`: this many nanoseconds after now.
        case relativeToNow(Int64)
        /// `1h`: this many nanoseconds ago.
        case ago(DurationLiteral)
    }

    /// As it was written.
    public var text: String
    public var moment: Moment

    public init(text: String, moment: Moment) {
        self.text = text
        self.moment = moment
    }
}

/// `day_range[hh:mm, hh:mm)` by UTC (moved by the filter's offset).
public struct DayRange: Hashable, Sendable {
    /// Nanoseconds since midnight, both ends included. Empty if `first > last`.
    public var first: Int64
    public var last: Int64
    /// Minutes since midnight and the kind of the ends.
    public var lowerMinute: Int
    public var includesLower: Bool
    public var upperMinute: Int
    public var includesUpper: Bool

    public init(lowerMinute: Int, includesLower: Bool, upperMinute: Int, includesUpper: Bool) {
        self.lowerMinute = lowerMinute
        self.includesLower = includesLower
        self.upperMinute = upperMinute
        self.includesUpper = includesUpper
        let minute = 60 * Timestamp.nanosecondsPerSecond
        first = Int64(lowerMinute) * minute + (includesLower ? 0 : 1)
        last = min(Int64(upperMinute) * minute - (includesUpper ? 0 : 1), Timestamp.nanosecondsPerDay - 1)
    }
}

/// `week_range[Mon, Fri]` by UTC (moved by the filter's offset).
public struct WeekRange: Hashable, Sendable {
    /// 0 is Sunday, 6 Saturday.
    public var lowerDay: Int
    public var includesLower: Bool
    public var upperDay: Int
    public var includesUpper: Bool
    /// As they were written: `Mon`, `monday`.
    public var lowerText: String
    public var upperText: String

    public init(
        lowerDay: Int, includesLower: Bool, upperDay: Int, includesUpper: Bool, lowerText: String? = nil,
        upperText: String? = nil
    ) {
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        self.lowerDay = lowerDay
        self.includesLower = includesLower
        self.upperDay = upperDay
        self.includesUpper = includesUpper
        self.lowerText = lowerText ?? names[lowerDay]
        self.upperText = upperText ?? names[upperDay]
    }

    /// First and last day, included. Empty if the first is larger.
    public var days: (first: Int, last: Int) {
        (includesLower ? lowerDay : lowerDay + 1, includesUpper ? upperDay : upperDay - 1)
    }
}
