import Bytes
import Records

extension Filter {
    /// Times outside of this range (both ends included) cannot match; nil if no time can. O(nodes).
    public func timeBounds(now: Int64) -> ClosedRange<Int64>? {
        switch self {
        case .time(let filter): return filter.range(now: now)
        case .and(let parts):
            var bounds: ClosedRange<Int64> = .min ... .max
            for part in parts {
                guard let inner = part.timeBounds(now: now), inner.overlaps(bounds) else { return nil }
                bounds = inner.clamped(to: bounds)
            }
            return bounds
        case .or(let parts):
            let ranges = parts.compactMap { $0.timeBounds(now: now) }
            guard let lower = ranges.map(\.lowerBound).min(), let upper = ranges.map(\.upperBound).max() else {
                return nil
            }
            return lower...upper
        case .all, .not, .field, .stream, .streamID: return .min ... .max
        }
    }

    /// The fields whose values decide, without those of subqueries. `_time`, `_stream` and `_stream_id` are among
    /// them where the filter asks for them. O(nodes).
    public var fields: Set<ByteString> {
        switch self {
        case .all: return []
        case .and(let parts), .or(let parts): return parts.reduce(into: []) { $0.formUnion($1.fields) }
        case .not(let inner): return inner.fields
        case .time: return [StandardFields.time]
        case .stream: return [StandardFields.stream]
        case .streamID: return [StandardFields.streamID]
        case .field(let name, .equalsField(let other)), .field(let name, .lessThanField(let other)),
            .field(let name, .atMostField(let other)):
            return [name, other]
        case .field(let name, _): return [name]
        }
    }

    /// The subqueries of `in(…)` and its kin, in the order of the text. O(nodes).
    public var subqueries: [Query] {
        var found: [Query] = []
        _ = mapSources { (source) throws(Never) -> ValueSource in
            if case .query(let query, _) = source { found.append(query) }
            return source
        }
        return found
    }

    /// The same filter with every list or subquery of values replaced, in the order of the text: whoever runs the
    /// query runs the subqueries first and puts their values in. O(nodes).
    public func mapSources<Failure: Error>(
        _ replace: (ValueSource) throws(Failure) -> ValueSource
    ) throws(Failure) -> Filter {
        switch self {
        case .and(let parts):
            var mapped: [Filter] = []
            for part in parts { mapped.append(try part.mapSources(replace)) }
            return .and(mapped)
        case .or(let parts):
            var mapped: [Filter] = []
            for part in parts { mapped.append(try part.mapSources(replace)) }
            return .or(mapped)
        case .not(let inner): return .not(try inner.mapSources(replace))
        case .field(let name, .isIn(let source)): return .field(name, .isIn(try replace(source)))
        case .field(let name, .containsAll(let source)): return .field(name, .containsAll(try replace(source)))
        case .field(let name, .containsAny(let source)): return .field(name, .containsAny(try replace(source)))
        case .streamID(let source): return .streamID(try replace(source))
        case .all, .field, .time, .stream: return self
        }
    }
}
