import Bytes
import QueryLanguage
import Records

/// `running_stats by (…) f(…)`: each row with the results over its group up to and with it, in the order of the rows.
final class RunningStatsPipe: OrderedPipe {
    private let plans: [StatsColumnPlan]
    private let functions: [any StatsAccumulator]
    private var groups: GroupKeys
    private let budget: QueryBudget
    private var memory: MemoryMeter

    init(groups: [StatsGroup], columns: [StatsColumnPlan], budget: QueryBudget) {
        self.groups = GroupKeys(groups)
        plans = columns
        functions = columns.map { StatsFactory.make($0.function, seconds: 0) }
        self.budget = budget
        memory = MemoryMeter(budget)
    }

    func push(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        var outputs = [StringColumn](repeating: StringColumn(), count: plans.count)
        var scratch: [UInt8] = []
        for row in 0..<chunk.rowCount {
            if row & 255 == 0 { try budget.check() }
            let picked = PickedSource([chunk], rows: [PickedSource.Row(chunk: 0, row: Int32(row))])
            let single = Chunk(picked, rowCount: 1)
            let numbers = try groups.numbers(of: single, rows: single.rows)
            for (index, function) in functions.enumerated() {
                function.grow(to: groups.count)
                var rows = single.rows
                if let condition = plans[index].condition { try condition.narrow(&rows, of: single) }
                if !rows.isEmpty { try function.add(single, rows: rows, groups: numbers) }
                scratch.removeAll(keepingCapacity: true)
                function.appendResult(of: numbers.group(0), to: &scratch)
                outputs[index].append(scratch.rawSpan)
            }
        }
        try memory.set(functions.reduce(groups.memoryBytes) { $0 + $1.memoryBytes })
        for (plan, output) in zip(plans, outputs) { chunk.set(plan.name, .strings(output)) }
        return chunk
    }
}

/// `total_stats by (…) f(…)`: each row with the results over the whole of its group.
final class TotalStatsAccumulator: PipeAccumulator {
    private let plans: [StatsColumnPlan]
    private let functions: [any StatsAccumulator]
    private var groups: GroupKeys
    private var chunks: [Chunk] = []
    private let budget: QueryBudget
    private var memory: MemoryMeter

    init(groups: [StatsGroup], columns: [StatsColumnPlan], seconds: Double, budget: QueryBudget) {
        self.groups = GroupKeys(groups)
        plans = columns
        functions = columns.map { StatsFactory.make($0.function, seconds: seconds) }
        self.budget = budget
        memory = MemoryMeter(budget)
    }

    func add(_ chunk: Chunk) throws {
        guard !chunk.rows.isEmpty else { return }
        let numbers = try groups.numbers(of: chunk, rows: chunk.rows)
        for (plan, function) in zip(plans, functions) {
            function.grow(to: groups.count)
            var rows = chunk.rows
            if let condition = plan.condition { try condition.narrow(&rows, of: chunk) }
            try function.add(chunk, rows: rows, groups: numbers)
        }
        chunk.purge()
        chunks.append(chunk)
        try memory.set(held)
    }

    private var held: Int {
        functions.reduce(groups.memoryBytes) { $0 + $1.memoryBytes } + chunks.reduce(0) { $0 + $1.memoryBytes }
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? TotalStatsAccumulator else { return }
        let map = try groups.merge(other.groups, budget)
        for (mine, theirs) in zip(functions, other.functions) {
            mine.grow(to: groups.count)
            mine.merge(theirs, map: map)
        }
        chunks += other.chunks
        try memory.set(held)
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        let results = functions.map { function in
            (0..<groups.count).map { group -> ByteString in
                var text: [UInt8] = []
                function.appendResult(of: group, to: &text)
                return ByteString(text)
            }
        }
        for chunk in chunks.sorted(by: { $0.sequence < $1.sequence }) {
            let numbers = try groups.numbers(of: chunk, rows: chunk.rows)
            for (plan, values) in zip(plans, results) {
                if let perRow = numbers.perRow {
                    // Rows that are not selected have no group.
                    var codes = [UInt32](repeating: 0, count: chunk.rowCount)
                    chunk.rows.visit { codes[$0] = perRow[$0] }
                    chunk.set(plan.name, .dictionary(codes: codes, values: StringColumn(values)))
                } else {
                    chunk.set(plan.name, .constant(values[numbers.single]))
                }
            }
            try emit(chunk)
        }
    }
}
