import Records

extension TimePoint {
    /// A single nanosecond, printed so that it reads back exactly. Moments outside of the years 1678…2261 are moved
    /// to their ends.
    public init(nanoseconds: Int64) {
        let earliest = CivilDate(year: 1678, month: 1, day: 1).daysSinceEpoch * Timestamp.nanosecondsPerDay
        let latest = CivilDate(year: 2262, month: 1, day: 1).daysSinceEpoch * Timestamp.nanosecondsPerDay - 1
        let moment = min(max(nanoseconds, earliest), latest)
        var text = Timestamp(nanoseconds: moment).description
        text.removeLast()
        if !text.contains(".") { text += "." }
        // Fewer digits would name a whole millisecond or microsecond.
        let digits = "2006-01-02T15:04:05.123456789".utf8.count - text.utf8.count
        text += String(repeating: "0", count: digits) + "Z"
        self.init(text: text, moment: .absolute(first: moment, last: moment))
    }
}

extension TimeFilter {
    /// The times from `range.lowerBound` to `range.upperBound`, both included, in nanoseconds.
    public init(_ range: ClosedRange<Int64>) {
        self.init(
            .between(
                TimePoint(nanoseconds: range.lowerBound), includesLower: true,
                TimePoint(nanoseconds: range.upperBound), includesUpper: true))
    }
}
