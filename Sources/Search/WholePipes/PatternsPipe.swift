import Bytes
import QueryLanguage
import Records
import Templates

/// `patterns`: the templates of a field, most frequent first, with `hits`, `share`, `first_seen`, `last_seen` and a
/// `sample`.
final class PatternsMiner: OrderedPipe {
    private let pipe: PatternsPipe
    private var groups: GroupKeys
    private var miners: [TemplateMiner] = []
    private var rowCounts: [Int] = []
    private var memory: MemoryMeter
    private var ticker: BudgetTicker

    init(_ pipe: PatternsPipe, budget: QueryBudget) {
        self.pipe = pipe
        memory = MemoryMeter(budget)
        ticker = BudgetTicker(budget)
        groups = GroupKeys(pipe.groups.map { StatsGroup($0) })
    }

    func push(_ chunk: Chunk) throws -> Chunk? {
        let numbers = try groups.numbers(of: chunk, rows: chunk.rows)
        while miners.count < groups.count {
            miners.append(TemplateMiner())
            rowCounts.append(0)
        }
        let times = try chunk.times()
        try chunk.column(pipe.field).forEach(chunk.rows) { row, value in
            guard value.byteCount > 0 else { return }
            let group = numbers.group(row)
            try ticker.tick()
            _ = miners[group].assign(value, time: Timestamp(nanoseconds: times?[row] ?? 0))
            rowCounts[group] += 1
        }
        try memory.set(miners.reduce(groups.memoryBytes) { $0 + TemplateMemory.bytes($1) })
        return nil
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        var keys: [[ByteString]] = []
        var templates: [(template: Template, share: Double)] = []
        for group in groups.order {
            miners[group].consolidate()
            let found = miners[group].templates
            for template in found.prefix(pipe.limit > 0 ? Int(clamping: pipe.limit) : .max) {
                keys.append(groups.values(group))
                templates.append((template, Double(template.count) / Double(max(rowCounts[group], 1))))
            }
        }
        guard !templates.isEmpty else { return }
        var columns: [(ByteString, Column)] = pipe.groups.enumerated().map { index, name in
            (name, .strings(StringColumn(keys.map { $0[index] })))
        }
        columns += [
            ("pattern", .strings(StringColumn(templates.map(\.template.text)))),
            ("hits", .integers(templates.map { Int64($0.template.count) })),
            (
                "share",
                .strings(StringColumn(templates.map { NumberText.text(($0.share * 10_000).rounded() / 10_000) }))
            ),
            ("first_seen", .times(templates.map(\.template.firstSeen.nanoseconds))),
            ("last_seen", .times(templates.map(\.template.lastSeen.nanoseconds))),
            ("sample", .strings(StringColumn(templates.map(\.template.sample)))),
        ]
        try emit(Chunk(columns: columns, rowCount: templates.count))
    }
}

/// What a miner holds.
enum TemplateMemory {
    /// An empty miner, its tables included.
    private static let minerBytes = 8 << 10
    /// A shape: its tokens, its statistics, its entries in the tables, and a sample.
    private static let shapeBytes = 1 << 10

    /// Bytes, roughly. O(1).
    static func bytes(_ miner: TemplateMiner) -> Int { minerBytes + miner.shapeCount * shapeBytes }
}
