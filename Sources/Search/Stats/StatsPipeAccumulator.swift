import Bytes
import QueryLanguage
import Records

/// A function with its condition, ready to run.
struct StatsColumnPlan: Sendable {
    var function: StatsFunction
    var condition: (any RowFilter)?
    var name: ByteString
}

/// `stats by (…) f(…) …` over the chunks of one thread.
final class StatsPipeAccumulator: PipeAccumulator {
    private var groups: GroupKeys
    private let plans: [StatsColumnPlan]
    private let functions: [any StatsAccumulator]
    private let budget: QueryBudget
    private var memory: MemoryMeter

    init(groups: [StatsGroup], columns: [StatsColumnPlan], seconds: Double, budget: QueryBudget) {
        self.groups = GroupKeys(groups)
        plans = columns
        let sole = groups.isEmpty ? budget : nil
        functions = columns.map { StatsFactory.make($0.function, seconds: seconds, sole: sole) }
        self.budget = budget
        memory = MemoryMeter(budget)
    }

    func add(_ chunk: Chunk) throws {
        guard !chunk.rows.isEmpty else { return }
        if let counter { return try count(chunk, counter) }
        let numbers = try groups.numbers(of: chunk, rows: chunk.rows)
        for (plan, function) in zip(plans, functions) {
            function.grow(to: groups.count)
            var rows = chunk.rows
            if let condition = plan.condition { try condition.narrow(&rows, of: chunk) }
            try function.add(chunk, rows: rows, groups: numbers)
        }
        try memory.set(functions.reduce(groups.memoryBytes) { $0 + $1.memoryBytes })
    }

    /// The only function, if it counts rows: no row needs its group then.
    private var counter: CountStats? {
        guard functions.count == 1, plans[0].condition == nil, !groups.keys.isEmpty else { return nil }
        return (functions[0] as? CountStats).flatMap { $0.countsRows ? $0 : nil }
    }

    private func count(_ chunk: Chunk, _ counter: CountStats) throws {
        let found = try groups.histogram(of: chunk, rows: chunk.rows)
        counter.grow(to: groups.count)
        for (group, count) in found { counter.add(count, to: group) }
        try memory.set(groups.memoryBytes + counter.memoryBytes)
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? StatsPipeAccumulator else { return }
        let map = try groups.merge(other.groups, budget)
        for (mine, theirs) in zip(functions, other.functions) {
            try budget.check()
            mine.grow(to: groups.count)
            mine.merge(theirs, map: map)
        }
        try memory.set(functions.reduce(groups.memoryBytes) { $0 + $1.memoryBytes })
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        if groups.keys.isEmpty, groups.count == 0 {
            _ = groups.insert([UInt8]().rawSpan, firstSeen: 0)
            for function in functions { function.grow(to: 1) }
        }
        let order = groups.order
        guard !order.isEmpty else { return }
        var columns: [(ByteString, Column)] = []
        let keys = order.map { groups.values($0) }
        for (index, key) in groups.keys.enumerated() {
            columns.append((key.field, .strings(StringColumn(keys.map { $0[index] }))))
        }
        var scratch: [UInt8] = []
        var ticker = BudgetTicker(budget)
        for (plan, function) in zip(plans, functions) {
            var texts = StringColumn()
            for group in order {
                try ticker.tick()
                scratch.removeAll(keepingCapacity: true)
                function.appendResult(of: group, to: &scratch)
                texts.append(scratch.rawSpan)
            }
            columns.append((plan.name, .strings(texts)))
        }
        try emit(Chunk(columns: columns, rowCount: order.count))
    }
}
