import Bytes
import QueryLanguage
import Records

/// What the shape of a filter says before any block is asked.
enum FilterBounds {
    /// Times outside cannot match; nil if nothing can.
    static func timeRange(_ filter: Filter, now: Int64) -> ClosedRange<Int64>? {
        let everything = Int64.min...Int64.max
        switch filter {
        case .time(let time): return time.range(now: now)
        case .and(let parts):
            var range = everything
            for part in parts {
                guard let next = timeRange(part, now: now), next.overlaps(range) else { return nil }
                range = range.clamped(to: next)
            }
            return range
        case .or(let parts):
            let ranges = parts.compactMap { timeRange($0, now: now) }
            guard let first = ranges.first else { return nil }
            return ranges.dropFirst().reduce(first) {
                min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
            }
        case .all, .not, .field, .stream, .streamID: return everything
        }
    }

    /// An identifier that every matching row holds in an ID field.
    static func identifier(_ filter: Filter) -> ByteString? {
        switch filter {
        case .field(let name, .exact(let value)) where IdentifierField.isNamedLikeOne(name) && !value.isEmpty: value
        case .and(let parts): parts.lazy.compactMap(identifier).first
        default: nil
        }
    }

    /// The filter with every time moved back.
    static func shifted(_ filter: Filter, by nanoseconds: Int64) -> Filter {
        switch filter {
        case .and(let parts): .and(parts.map { shifted($0, by: nanoseconds) })
        case .or(let parts): .or(parts.map { shifted($0, by: nanoseconds) })
        case .not(let part): .not(shifted(part, by: nanoseconds))
        case .time(var time):
            {
                let old = time.offset?.nanoseconds ?? 0
                time.offset = DurationLiteral("\(old.addingReportingOverflow(nanoseconds).partialValue)ns")
                return .time(time)
            }()
        case .all, .field, .stream, .streamID: filter
        }
    }

    /// The filter without the times that every match must have.
    static func withoutTimes(_ filter: Filter) -> Filter {
        switch filter {
        case .time: return .all
        case .and(let parts):
            let rest = parts.map(withoutTimes).filter { $0 != .all }
            return rest.isEmpty ? .all : rest.count == 1 ? rest[0] : .and(rest)
        default: return filter
        }
    }

    /// Seconds that the query's time range spans; 0 if it is open.
    static func seconds(_ range: ClosedRange<Int64>) -> Double {
        guard range.lowerBound > .min, range.upperBound < .max else { return 0 }
        let (length, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        return overflow ? 0 : (Double(length) + 1) / 1e9
    }
}
