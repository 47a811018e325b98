import Bytes
import QueryLanguage
import Records

/// `uniq`, `top`, `field_values`: distinct tuples with their counts.
final class UniqueAccumulator: PipeAccumulator {
    enum Shape {
        /// At most `limit` tuples (0 is no limit) as they were first seen; counts are 0 when the limit cut tuples off.
        case uniq(hits: ByteString?, limit: UInt64)
        /// The most frequent ones.
        case top(count: UInt64, hits: ByteString, rank: ByteString?)
    }

    private let shape: Shape
    private let fields: [ByteString]
    private var groups: GroupKeys
    private var counts: [Int] = []
    private let budget: QueryBudget
    private var memory: MemoryMeter

    /// Without fields tuples are of all fields of a row.
    init(_ shape: Shape, fields: [ByteString], budget: QueryBudget) {
        self.shape = shape
        self.fields = fields
        groups = GroupKeys(fields.map { StatsGroup($0) })
        self.budget = budget
        memory = MemoryMeter(budget)
    }

    func add(_ chunk: Chunk) throws {
        guard !chunk.rows.isEmpty else { return }
        if fields.isEmpty { return try addWholeRows(chunk) }
        let found = try groups.histogram(of: chunk, rows: chunk.rows)
        grow()
        for (group, count) in found { counts[group] += count }
        try memory.set(groups.memoryBytes + counts.count * 8)
    }

    private func grow() {
        if groups.count > counts.count { counts += repeatElement(0, count: groups.count - counts.count) }
    }

    /// The key is name and value of each field that is not empty, names in order.
    private func addWholeRows(_ chunk: Chunk) throws {
        let columns = try chunk.names.sorted().map { ($0, try chunk.column($0)) }
        var key: [UInt8] = []
        var value: [UInt8] = []
        chunk.rows.visit { row in
            key.removeAll(keepingCapacity: true)
            for (name, column) in columns {
                value.removeAll(keepingCapacity: true)
                column.append(row, to: &value)
                if value.isEmpty { continue }
                TupleKey.append(name.bytes.rawSpan, to: &key)
                TupleKey.append(value.rawSpan, to: &key)
            }
            let group = groups.insert(key.rawSpan, firstSeen: UInt64(chunk.sequence) << 32 | UInt64(row))
            grow()
            counts[group] += 1
        }
        try memory.set(groups.memoryBytes + counts.count * 8)
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? UniqueAccumulator else { return }
        let map = try groups.merge(other.groups, budget)
        grow()
        for (group, count) in other.counts.enumerated() { counts[map[group]] += count }
        try memory.set(groups.memoryBytes + counts.count * 8)
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        var order: [Int]
        var counts = counts
        switch shape {
        case .uniq(_, let limit):
            order = groups.order
            if limit > 0, order.count > Int(clamping: limit) {
                order = Array(order.prefix(Int(clamping: limit)))
                counts = [Int](repeating: 0, count: counts.count)
            }
        case .top(let count, _, _): order = try largest(Int(clamping: count))
        }
        guard !order.isEmpty else { return }
        var columns = valueColumns(order)
        let hits = Column.integers(order.map { Int64(counts[$0]) })
        switch shape {
        case .uniq(let name, _): if let name { columns.append((name, hits)) }
        case .top(_, let name, let rank):
            columns.append((name, hits))
            if let rank { columns.append((rank, .integers((1...order.count).map(Int64.init)))) }
        }
        try emit(Chunk(columns: columns, rowCount: order.count))
    }

    /// The groups with the highest counts; of equal ones those with the smaller values.
    private func largest(_ count: Int) throws -> [Int] {
        var ticker = BudgetTicker(budget)
        var order = Array(counts.indices)
        if order.count > count, count > 0 {
            let threshold = try counts.sorted {
                try ticker.tick()
                return $0 > $1
            }[count - 1]
            order.removeAll { counts[$0] < threshold }
        }
        try order.sort { left, right in
            try ticker.tick()
            if counts[left] != counts[right] { return counts[left] > counts[right] }
            for (left, right) in zip(groups.values(left), groups.values(right)) where left != right {
                return NaturalOrder.compare(left.bytes.rawSpan, right.bytes.rawSpan) < 0
            }
            return false
        }
        return Array(order.prefix(count))
    }

    private func valueColumns(_ order: [Int]) -> [(name: ByteString, column: Column)] {
        let values = order.map { groups.values($0) }
        if !fields.isEmpty {
            return fields.enumerated().map { index, name in (name, .strings(StringColumn(values.map { $0[index] }))) }
        }
        var names: [ByteString] = []
        var rows: [[ByteString: ByteString]] = []
        var seen: Set<ByteString> = []
        for parts in values {
            var row: [ByteString: ByteString] = [:]
            for index in stride(from: 0, to: parts.count, by: 2) {
                row[parts[index]] = parts[index + 1]
                if seen.insert(parts[index]).inserted { names.append(parts[index]) }
            }
            rows.append(row)
        }
        return names.map { name in (name, .strings(StringColumn(rows.map { $0[name] ?? .empty }))) }
    }
}
