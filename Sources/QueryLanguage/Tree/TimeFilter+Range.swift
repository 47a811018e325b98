import Records

extension TimePoint {
    /// First nanosecond of what the literal names. O(1).
    public func first(now: Int64) -> Int64 {
        switch moment {
        case .absolute(let first, _): first
        case .relativeToNow(let distance): clampedSum(now, distance)
        case .ago(let age): clampedDifference(now, age.nanoseconds)
        }
    }

    /// Last nanosecond of what the literal names. O(1).
    public func last(now: Int64) -> Int64 {
        if case .absolute(_, let last) = moment { return last }
        return first(now: now)
    }
}

extension TimeFilter {
    /// Every time that can match lies in this range of nanoseconds, both ends included; nil if none can. For all
    /// forms but `day_range` and `week_range` (which give all of time) every time in it does match. O(1).
    public func range(now: Int64) -> ClosedRange<Int64>? {
        guard let (lower, upper) = unshiftedBounds(now: now), lower <= upper else { return nil }
        guard let offset, !isPeriodic else { return lower...upper }
        let moved = clampedDifference(lower, offset.nanoseconds, keeping: .min)
        let end = clampedDifference(upper, offset.nanoseconds, keeping: .max)
        return moved <= end ? moved...end : nil
    }

    /// `day_range` or `week_range`: rows inside `range(now:)` are to be asked one by one through `matches`.
    public var isPeriodic: Bool {
        switch form {
        case .dayRange, .weekRange: true
        default: false
        }
    }

    /// Whether a record of this time matches. O(1).
    public func matches(_ time: Int64, now: Int64) -> Bool {
        let day = Timestamp.nanosecondsPerDay
        switch form {
        case .dayRange(let range):
            let local = clampedDifference(time, offset?.nanoseconds ?? 0)
            let inDay = local &- floorDivision(local, day) &* day
            return inDay >= range.first && inDay <= range.last
        case .weekRange(let range):
            let local = clampedDifference(time, offset?.nanoseconds ?? 0)
            let weekday = Int((floorDivision(local, day) % 7 + 11) % 7)
            return weekday >= range.days.first && weekday <= range.days.last
        default:
            return range(now: now)?.contains(time) ?? false
        }
    }

    private func unshiftedBounds(now: Int64) -> (Int64, Int64)? {
        switch form {
        case .last(let length): (clampedSum(clampedDifference(now, abs(length.nanoseconds)), 1), now)
        case .period(let point): (point.first(now: now), point.last(now: now))
        case .compare(let comparator, let point): comparisonBounds(comparator, point, now: now)
        case .between(let lower, let includesLower, let upper, let includesUpper):
            (
                includesLower ? lower.first(now: now) : clampedSum(lower.first(now: now), 1),
                includesUpper ? upper.last(now: now) : clampedDifference(upper.first(now: now), 1)
            )
        case .untilNow: (.min, now)
        case .dayRange, .weekRange: (.min, .max)
        }
    }

    private func comparisonBounds(_ comparator: ComparisonOperator, _ point: TimePoint, now: Int64) -> (Int64, Int64) {
        var comparator = comparator
        // Younger than an age is until now: the future has no age.
        var latest = Int64.max
        if case .ago = point.moment {
            comparator = comparator.mirrored
            latest = now
        }
        return switch comparator {
        case .less: (.min, clampedDifference(point.first(now: now), 1))
        case .lessOrEqual: (.min, point.last(now: now))
        case .greater: (clampedSum(point.first(now: now), 1), latest)
        case .greaterOrEqual: (point.first(now: now), latest)
        }
    }
}

extension ComparisonOperator {
    var mirrored: ComparisonOperator {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

func clampedSum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (right < 0 ? .min : .max) : sum
}

func clampedDifference(_ left: Int64, _ right: Int64) -> Int64 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? (right < 0 ? .max : .min) : difference
}

/// The same, but an end that stands for no bound at all stays one.
private func clampedDifference(_ left: Int64, _ right: Int64, keeping bound: Int64) -> Int64 {
    left == bound ? bound : clampedDifference(left, right)
}

func floorDivision(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
