import Bytes
import Records

extension Filter {
    /// Both filters, without needless nesting. O(parts).
    public func intersected(with other: Filter) -> Filter {
        var parts: [Filter] = []
        for side in [self, other] {
            switch side {
            case .all: continue
            case .and(let inner): parts += inner
            default: parts.append(side)
            }
        }
        return parts.isEmpty ? .all : parts.count == 1 ? parts[0] : .and(parts)
    }
}

extension TimePoint {
    /// A single nanosecond, printed so that it reads back exactly.
    public init(nanoseconds: Int64) {
        // The first and last whole years that nanoseconds reach.
        let earliest = CivilDate(year: 1678, month: 1, day: 1).daysSinceEpoch * Timestamp.nanosecondsPerDay
        let latest = CivilDate(year: 2262, month: 1, day: 1).daysSinceEpoch * Timestamp.nanosecondsPerDay - 1
        let moment = min(max(nanoseconds, earliest), latest)
        var text = Timestamp(nanoseconds: moment).description
        text.removeLast()
        if !text.contains(".") { text += "." }
        text += String(repeating: "0", count: 30 - 1 - text.utf8.count) + "Z"
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
