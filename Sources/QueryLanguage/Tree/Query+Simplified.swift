import Records

extension Query {
    /// The same question in fewer parts, as parsed queries are: `filter` pipes at the front join the filter, neighbours
    /// join each other, `limit` joins the `sort` or `uniq` before it, and `*` leaves where it says nothing. The same in
    /// subqueries. O(nodes).
    public func simplified() -> Query {
        var query = mapSubqueries { $0.simplified() }
        query.pipes = Query.joined(query.pipes)
        if case .filter(let filter) = query.pipes.first {
            query.filter = Filter.flattenedAnd([query.filter, filter])
            query.pipes.removeFirst()
        }
        query.filter = query.filter.simplified()
        return query
    }

    private static func joined(_ pipes: [Pipe]) -> [Pipe] {
        var result: [Pipe] = []
        for pipe in pipes {
            if let last = result.last, let both = last.joined(with: pipe) {
                result[result.count - 1] = both
            } else {
                result.append(pipe)
            }
        }
        return result
    }
}

extension Pipe {
    /// One pipe that does what this one and the next do; nil if there is none.
    fileprivate func joined(with next: Pipe) -> Pipe? {
        switch (self, next) {
        case (.filter(let first), .filter(let second)): return .filter(Filter.flattenedAnd([first, second]))
        case (.sort(var sort), .offset(let offset)):
            guard sort.offset == 0, sort.limit == 0 else { return nil }
            sort.offset = offset
            return .sort(sort)
        case (.sort(var sort), .limit(let limit)):
            // The limit of a sort is one for each of its parts, and 0 is no limit.
            guard sort.partition.isEmpty, limit > 0 else { return nil }
            sort.limit = sort.limit == 0 ? limit : min(sort.limit, limit)
            return .sort(sort)
        case (.uniq(var uniq), .limit(let limit)):
            guard limit > 0 else { return nil }
            uniq.limit = uniq.limit == 0 ? limit : min(uniq.limit, limit)
            return .uniq(uniq)
        default: return nil
        }
    }
}

extension Filter {
    fileprivate static func flattenedAnd(_ parts: [Filter]) -> Filter {
        .and(parts.flatMap { part in if case .and(let inner) = part { inner } else { [part] } })
    }

    /// For the filter of a query, where `*` selects every record, also one without a message.
    /// Selectors are joined where they hold for the whole query only.
    fileprivate func simplified(isPart: Bool = false) -> Filter {
        switch self {
        case .field(StandardFields.message, .any): return .all
        case .not(let inner): return .not(inner.simplified(isPart: true))
        case .or(let parts):
            let parts = parts.map { $0.simplified(isPart: true) }
            return parts.contains(.all) ? .all : .or(parts)
        case .and(let parts):
            let parts = parts.map { $0.simplified(isPart: true) }.filter { $0 != .all }
            if isPart, !parts.isEmpty { return parts.count == 1 ? parts[0] : .and(parts) }
            return parts.isEmpty ? .all : Filter.joinedSelectors(parts)
        default: return self
        }
    }

    /// Selectors come first, and as one if none has alternatives.
    private static func joinedSelectors(_ parts: [Filter]) -> Filter {
        var selectors: [StreamSelector] = []
        var others: [Filter] = []
        for part in parts {
            if case .stream(let selector) = part { selectors.append(selector) } else { others.append(part) }
        }
        if selectors.count > 1, selectors.allSatisfy({ $0.alternatives.count == 1 }) {
            selectors = [StreamSelector(alternatives: [selectors.flatMap { $0.alternatives[0] }])]
        }
        let joined = selectors.map { Filter.stream($0) } + others
        return joined.count == 1 ? joined[0] : .and(joined)
    }
}
