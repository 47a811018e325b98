import Bytes
import QueryLanguage
import Records

/// Query tree → plan: literals, expressions and subqueries are resolved here, once.
struct PlanBuilder {
    let context: QueryContext
    let query: Query

    init(context: QueryContext, query: Query) {
        self.context = context
        var query = query
        query.pipes = UnreadFields.pruned(query.pipes)
        self.query = query
    }

    func plan() throws -> QueryPlan {
        let shift = query.options.timeOffset?.nanoseconds ?? 0
        let tree = shift == 0 ? query.filter : FilterBounds.shifted(query.filter, by: shift)
        var range = FilterBounds.timeRange(tree, now: context.now)
        var filter = try context.compile(tree)
        if let global = context.executor.timeRange, query.options.ignoresGlobalTimeFilter != true {
            let moved = global.shifted(by: shift)
            range = range.flatMap { $0.overlaps(moved) ? $0.clamped(to: moved) : nil }
            filter = AllOf(parts: [TimeRangeFilter(range: moved), filter])
        }
        if range == nil { filter = NoRow() }
        let span = range ?? 0...0
        let cutoff = self.cutoff(query.pipes)
        var stages: [Stage] = []
        for (index, pipe) in query.pipes.enumerated() {
            // A sort that only a limit follows need not keep more rows than the limit.
            var pipe = pipe
            if case .sort(let sort) = pipe, let bounded = bounded(sort, by: query.pipes[(index + 1)...]) {
                pipe = .sort(bounded)
            }
            stages += try self.stages(
                pipe, at: index, seconds: FilterBounds.seconds(span),
                cutoff: index == cutoff?.index ? cutoff?.cutoff : nil)
        }
        return QueryPlan(
            filter: filter, timeRange: span, identifier: FilterBounds.identifier(tree), timeShift: shift,
            stages: stages,
            cutoff: cutoff?.cutoff)
    }

    private func bounded(_ sort: SortPipe, by rest: ArraySlice<Pipe>) -> SortPipe? {
        guard sort.limit == 0, sort.partition.isEmpty else { return nil }
        var skipped: UInt64 = 0
        for pipe in rest {
            switch pipe {
            case .offset(let count): skipped = skipped.addingReportingOverflow(count).partialValue
            case .limit(let count):
                guard count > 0, skipped < 1 << 40, count < 1 << 40 else { return nil }
                var bounded = sort
                bounded.limit = skipped + count
                return bounded
            case .fields, .delete, .rename, .copy: continue
            default: return nil
            }
        }
        return nil
    }

    /// The first pipe behind filters, if it wants only the newest or oldest rows.
    private func cutoff(_ pipes: [Pipe]) -> (index: Int, cutoff: TimeCutoff)? {
        guard context.executor.shape == .records else { return nil }
        for (index, pipe) in pipes.enumerated() {
            let sort: SortPipe
            switch pipe {
            case .filter: continue
            case .fields(let patterns):
                guard patterns.contains(where: { $0.matches(StandardFields.time) }) else { return nil }
                continue
            case .sort(let pipe): sort = bounded(pipe, by: pipes[(index + 1)...]) ?? pipe
            case .first(let pipe): sort = pipe.sort(reversed: false)
            case .last(let pipe): sort = pipe.sort(reversed: true)
            default: return nil
            }
            guard sort.limit > 0, sort.partition.isEmpty, let key = sort.keys.first, key.field == StandardFields.time
            else { return nil }
            return (index, TimeCutoff(isDescending: key.isDescending != sort.isDescending))
        }
        return nil
    }

    private func stages(_ pipe: Pipe, at index: Int, seconds: Double, cutoff: TimeCutoff?) throws -> [Stage] {
        let budget = context.budget
        switch pipe {
        case .filter(let filter): return [.transform(FilterTransform(filter: try context.compile(filter)))]
        case .fields(let patterns): return [.transform(FieldsTransform(patterns: patterns))]
        case .delete(let patterns): return [.transform(DeleteTransform(patterns: patterns))]
        case .copy(let mappings): return [.transform(MappingTransform(mappings: mappings, removesSource: false))]
        case .rename(let mappings): return [.transform(MappingTransform(mappings: mappings, removesSource: true))]
        case .dropEmptyFields: return [.transform(DropEmptyTransform())]
        case .limit(let count): return [.ordered { LimitPipe(count) }]
        case .offset(let count): return [.ordered { OffsetPipe(count) }]
        case .sort(let sort): return [.accumulate { SortAccumulator(sort, cutoff: cutoff, budget: budget) }]
        case .first(let pipe):
            return try stages(.sort(pipe.sort(reversed: false)), at: index, seconds: seconds, cutoff: cutoff)
        case .last(let pipe):
            return try stages(.sort(pipe.sort(reversed: true)), at: index, seconds: seconds, cutoff: cutoff)
        case .uniq(let pipe):
            return [
                .accumulate {
                    UniqueAccumulator(.uniq(hits: pipe.hits, limit: pipe.limit), fields: pipe.fields, budget: budget)
                }
            ]
        case .fieldValues(let field, let limit):
            return [
                .accumulate { UniqueAccumulator(.uniq(hits: "hits", limit: limit), fields: [field], budget: budget) }
            ]
        case .top(let pipe):
            return [
                .accumulate {
                    UniqueAccumulator(
                        .top(count: pipe.count, hits: pipe.hits, rank: pipe.rank), fields: pipe.fields, budget: budget)
                }
            ]
        case .fieldNames(let result): return [.accumulate { FieldNamesAccumulator(result: result) }]
        case .facets(let pipe): return [.accumulate { FacetsAccumulator(pipe, budget: budget) }]
        case .stats(let pipe): return [try stats(pipe, seconds: seconds)]
        default:
            if let stages = try RowPipeBuilder(context: context).stages(pipe) { return stages }
            return try WholePipeBuilder(context: context, query: query, index: index).stages(pipe)
        }
    }

    private func stats(_ pipe: StatsPipe, seconds: Double) throws -> Stage {
        let budget = context.budget
        let columns = try pipe.columns.map { column in
            StatsColumnPlan(
                function: column.function, condition: try column.condition.map(context.compile), name: column.name)
        }
        // A rate in time buckets is by the seconds of the bucket.
        var seconds = seconds
        for group in pipe.groups where group.field == StandardFields.time {
            switch group.bucket {
            case .step(let step, _)?: seconds = step.value / 1e9
            case .calendar(let unit, _)?: if let length = unit.nanoseconds { seconds = Double(length) / 1e9 }
            case .ipv4?, nil: break
            }
        }
        let span = seconds
        return .accumulate {
            StatsPipeAccumulator(groups: pipe.groups, columns: columns, seconds: span, budget: budget)
        }
    }
}

/// A plain range of times, both ends included.
struct TimeRangeFilter: RowFilter {
    let range: ClosedRange<Int64>

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        if let source = chunk.blockSource, source.block.timeRange.clamped(to: range) == source.block.timeRange {
            return
        }
        let lower = range.lowerBound
        let upper = range.upperBound
        // Field sets of files keep their times apart from their fields.
        let times = try chunk.blockSource?.times() ?? chunk.times()
        if let times { rows.filter { times[$0] >= lower && times[$0] <= upper } }
    }

    func mayMatch(_ block: any ColumnBlock) -> Bool { block.timeRange.overlaps(range) }
}

extension ClosedRange<Int64> {
    /// Moved back, clamped at the ends.
    fileprivate func shifted(by nanoseconds: Int64) -> ClosedRange<Int64> {
        func moved(_ value: Int64) -> Int64 {
            if value == .min || value == .max { return value }
            let (result, overflow) = value.subtractingReportingOverflow(nanoseconds)
            return overflow ? (nanoseconds > 0 ? .min : .max) : result
        }
        return moved(lowerBound)...moved(upperBound)
    }
}
