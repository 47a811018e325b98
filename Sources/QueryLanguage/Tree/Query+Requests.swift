extension Query {
    /// The query with one more filter, which holds in its subqueries too: what a request's `extra_filters` ask for.
    /// O(nodes).
    public func adding(_ extra: Filter) -> Query {
        var query = mapSubqueries { $0.adding(extra) }
        query.filter = extra.intersected(with: query.filter)
        query.scope = extra.intersected(with: query.scope)
        return query
    }

    /// The first pipe that needs more than the row before it, so that the query cannot follow rows as they come; nil
    /// if it can. O(pipes).
    public var firstPipeThatWaits: Pipe? { pipes.first { !$0.worksRowByRow } }

    /// The query with each direct subquery replaced: of `in(…)` and its kin, `union` and `join`, wherever in it they
    /// stand. O(nodes).
    public func mapSubqueries(_ replace: (Query) -> Query) -> Query {
        var query = self
        query.filter = filter.mapSubqueries(replace)
        query.pipes = pipes.map { $0.mapSubqueries(replace) }
        return query
    }
}

extension Filter {
    fileprivate func mapSubqueries(_ replace: (Query) -> Query) -> Filter {
        switch self {
        case .and(let parts): .and(parts.map { $0.mapSubqueries(replace) })
        case .or(let parts): .or(parts.map { $0.mapSubqueries(replace) })
        case .not(let inner): .not(inner.mapSubqueries(replace))
        case .field(let name, .isIn(let source)): .field(name, .isIn(source.mapped(replace)))
        case .field(let name, .containsAll(let source)): .field(name, .containsAll(source.mapped(replace)))
        case .field(let name, .containsAny(let source)): .field(name, .containsAny(source.mapped(replace)))
        case .streamID(let source): .streamID(source.mapped(replace))
        case .all, .field, .time, .stream: self
        }
    }
}

extension ValueSource {
    fileprivate func mapped(_ replace: (Query) -> Query) -> ValueSource {
        if case .query(let query, let field) = self { .query(replace(query), field: field) } else { self }
    }
}

extension Pipe {
    fileprivate var worksRowByRow: Bool {
        switch self {
        case .collapseNumbers, .copy, .decolorize, .delete, .dropEmptyFields, .extract, .extractRegexp, .fields,
            .filter,
            .format, .hash, .jsonArrayLength, .length, .math, .packJSON, .packLogfmt, .rename, .replace, .replaceRegexp,
            .sample, .split, .timeAdd, .unpackJSON, .unpackLogfmt, .unpackSyslog, .unpackWords, .unroll:
            true
        case .blockStats, .blocksCount, .compare, .facets, .fieldNames, .fieldValues, .first, .generateSequence, .join,
            .last, .limit, .offset, .patterns, .queryStats, .runningStats, .sort, .stats, .streamContext, .top,
            .totalStats, .trace, .union, .uniq:
            false
        }
    }

    fileprivate func mapSubqueries(_ replace: (Query) -> Query) -> Pipe {
        switch self {
        case .filter(let filter): return .filter(filter.mapSubqueries(replace))
        case .union(let query): return .union(replace(query))
        case .join(var join):
            join.query = replace(join.query)
            return .join(join)
        case .stats(let stats): return .stats(stats.mapSubqueries(replace))
        case .runningStats(let stats): return .runningStats(stats.mapSubqueries(replace))
        case .totalStats(let stats): return .totalStats(stats.mapSubqueries(replace))
        default: return mapCondition { $0.mapSubqueries(replace) }
        }
    }

    private func mapCondition(_ replace: (Filter) -> Filter) -> Pipe {
        func changed<Payload>(_ payload: Payload, _ path: WritableKeyPath<Payload, Filter?>) -> Payload {
            var payload = payload
            payload[keyPath: path] = payload[keyPath: path].map(replace)
            return payload
        }
        return switch self {
        case .collapseNumbers(let pipe): .collapseNumbers(changed(pipe, \.condition))
        case .extract(let pipe): .extract(changed(pipe, \.condition))
        case .extractRegexp(let pipe): .extractRegexp(changed(pipe, \.condition))
        case .format(let pipe): .format(changed(pipe, \.condition))
        case .replace(let pipe): .replace(changed(pipe, \.condition))
        case .replaceRegexp(let pipe): .replaceRegexp(changed(pipe, \.condition))
        case .unpackJSON(let pipe): .unpackJSON(changed(pipe, \.condition))
        case .unpackLogfmt(let pipe): .unpackLogfmt(changed(pipe, \.condition))
        case .unpackSyslog(let pipe): .unpackSyslog(changed(pipe, \.condition))
        case .unroll(let pipe): .unroll(changed(pipe, \.condition))
        default: self
        }
    }
}

extension StatsPipe {
    /// The names of the results stay, also where they came from the condition's text.
    fileprivate func mapSubqueries(_ replace: (Query) -> Query) -> StatsPipe {
        var stats = self
        for index in stats.columns.indices {
            stats.columns[index].condition = columns[index].condition?.mapSubqueries(replace)
        }
        return stats
    }
}
