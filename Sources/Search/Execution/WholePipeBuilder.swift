import Bytes
import QueryLanguage
import Records

/// Pipes that look beyond the rows at hand: other queries, other rows, the blocks themselves.
struct WholePipeBuilder {
    let context: QueryContext
    let query: Query
    /// The pipe's place in the query.
    let index: Int

    func stages(_ pipe: Pipe) throws -> [Stage] {
        let context = context
        switch pipe {
        case .union(let query): return [.ordered { UnionPipe(query, context: context) }]
        case .join(let pipe):
            let right = try context.rows(of: pipe.query)
            return [.transform(try JoinTransform(pipe, right, budget: context.budget))]
        case .generateSequence(let count): return [.ordered { SequencePipe(count, budget: context.budget) }]
        case .runningStats(let pipe):
            return [.accumulate { RowwiseStatsAccumulator(pipe, .upToRow, budget: context.budget) }]
        case .totalStats(let pipe):
            return [.accumulate { RowwiseStatsAccumulator(pipe, .wholeGroup, budget: context.budget) }]
        case .blocksCount(let result): return [.accumulate { BlockCountAccumulator(result: result) }]
        case .blockStats: return [.transform(BlockStatsTransform())]
        case .queryStats: return [.ordered { QueryStatsPipe(outcome: context.outcome) }]
        case .streamContext(let pipe):
            guard index == 0 else { throw SearchError.unsupported("stream_context behind another pipe") }
            let filter = try context.compile(withinTheRequestsTimes(query.filter))
            let scope = try context.compile(query.scope)
            return [.accumulate { StreamContextAccumulator(pipe, filter: filter, scope: scope, context: context) }]
        case .trace(let pipe):
            let scope = try context.compile(query.scope)
            return [.accumulate { TraceAccumulator(pipe, scope: scope, context: context) }]
        case .patterns(let pipe): return [.ordered { PatternsMiner(pipe, budget: context.budget) }]
        case .compare(let pipe): return [try compare(pipe)]
        default: throw SearchError.unsupported("this pipe")
        }
    }

    /// The filter and the `start` and `end` of the request.
    private func withinTheRequestsTimes(_ filter: Filter) -> Filter {
        guard let range = context.executor.timeRange, query.options.ignoresGlobalTimeFilter != true else {
            return filter
        }
        return Filter.time(TimeFilter(range)).intersected(with: filter)
    }

    private func plans(_ pipe: StatsPipe) throws -> [StatsColumnPlan] {
        try pipe.columns.map { column in
            StatsColumnPlan(
                function: column.function, condition: try column.condition.map(context.compile), name: column.name)
        }
    }

    /// The baseline is the same query, with the same pipes in front, at another time.
    private func compare(_ pipe: ComparePipe) throws -> Stage {
        let context = context
        var baseline = query
        baseline.pipes = Array(query.pipes[..<index])
        let rest = FilterBounds.withoutTimes(query.filter)
        baseline.filter = rest == .all ? .time(pipe.baseline) : .and([.time(pipe.baseline), rest])
        baseline.options.ignoresGlobalTimeFilter = true
        let other = baseline
        let current = try pipe.current.map { try context.compile(.time($0)) }
        return .ordered {
            CompareMiner(pipe, current: current, budget: context.budget, baseline: { try context.chunks(of: other) })
        }
    }
}
