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
    /// Values of a single field that its blocks hold as numbers: they become texts in the end, and most never do.
    private var integers = NumberCounts()
    private var addresses = NumberCounts()
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
        if fields.count == 1, try addNumbers(chunk) { return try memory.set(heldBytes) }
        let found = try groups.histogram(of: chunk, rows: chunk.rows)
        grow()
        for (group, count) in found { counts[group] += count }
        try memory.set(heldBytes)
    }

    private var heldBytes: Int {
        groups.memoryBytes + counts.count * 8 + integers.memoryBytes + addresses.memoryBytes
    }

    /// False, with nothing done, where the block does not hold plain numbers.
    private func addNumbers(_ chunk: Chunk) throws -> Bool {
        guard case .plain(let values, let presence)? = try chunk.native(fields[0]) else { return false }
        let rows = chunk.rows
        let first = UInt64(chunk.sequence) << 32
        var words: [UInt64] = []
        words.reserveCapacity(2 * values.count)
        switch values {
        case .integers(let numbers):
            Self.visit(rows, presence) { row, place in
                words.append(UInt64(bitPattern: numbers[place]))
                words.append(first | UInt64(row))
            }
            integers.add(words)
        case .addresses(let numbers):
            Self.visit(rows, presence) { row, place in
                words.append(UInt64(numbers[place]))
                words.append(first | UInt64(row))
            }
            addresses.add(words)
        default: return false
        }
        guard let presence else { return true }
        var missing = rows
        for word in presence.words.indices { missing.words[word] &= ~presence.words[word] }
        if let row = missing.first(from: 0) { add([""], place: first | UInt64(row), count: missing.setCount) }
        return true
    }

    /// Calls `body` with each selected row that has a value, and the value's place among the values.
    @inline(__always)
    private static func visit(_ rows: Bitmap, _ presence: RowPresence?, _ body: (_ row: Int, _ place: Int) -> Void) {
        guard let presence else { return rows.visit { body($0, $0) } }
        for word in presence.words.indices {
            var place = Int(presence.ranks[word])
            var rest = presence.words[word]
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                if rows.words[word] >> UInt64(bit) & 1 == 1 { body(word << 6 | bit, place) }
                rest &= rest &- 1
                place &+= 1
            }
        }
    }

    private func add(_ values: [ByteString], place: UInt64, count: Int) {
        var key: [UInt8] = []
        for value in values { TupleKey.append(value.bytes.rawSpan, to: &key) }
        let group = groups.insert(key.rawSpan, firstSeen: place)
        grow()
        counts[group] += count
    }

    /// Makes texts of the numbers. Before the most frequent tuples are chosen (`top` not nil), only of those that may
    /// be among them; where texts were counted besides, one may be a number's too, and all have to be looked at.
    private func foldNumbers(top: Int?) throws {
        let tables = [(integers.tables(budget), false), (addresses.tables(budget), true)]
        integers = NumberCounts()
        addresses = NumberCounts()
        var least = 0
        let hasTexts = groups.count > 1 || (groups.count == 1 && groups.values(0) != [""])
        if let top, top > 0, !hasTexts {
            let all = tables.flatMap { $0.0 }.flatMap(\.counts)
            if all.count > top { least = LargestCounts.threshold(top, in: all) }
        }
        var ticker = BudgetTicker(budget)
        var text: [UInt8] = []
        for (tables, isAddress) in tables {
            for table in tables {
                for index in 0..<table.count where table.counts[index] >= least {
                    try ticker.tick()
                    text.removeAll(keepingCapacity: true)
                    if isAddress {
                        AddressText.append(UInt32(truncatingIfNeeded: table.keys[index]), to: &text)
                    } else {
                        NumberText.append(Int64(bitPattern: table.keys[index]), to: &text)
                    }
                    add([ByteString(text)], place: table.firstSeen[index], count: table.counts[index])
                }
            }
        }
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
        integers.merge(other.integers)
        addresses.merge(other.addresses)
        try memory.set(heldBytes)
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        if case .top(let count, _, _) = shape {
            try foldNumbers(top: Int(clamping: count))
        } else {
            try foldNumbers(top: nil)
        }
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

    /// The groups with the highest counts; of equal ones those whose values are smaller byte by byte, where there are
    /// several of them with the length of each in front.
    private func largest(_ count: Int) throws -> [Int] {
        var ticker = BudgetTicker(budget)
        var order = Array(counts.indices)
        if order.count > count, count > 0 {
            let threshold = LargestCounts.threshold(count, in: counts)
            order.removeAll { counts[$0] < threshold }
        }
        let keys = groups.table.keys
        try order.sort { left, right in
            try ticker.tick()
            if counts[left] != counts[right] { return counts[left] > counts[right] }
            if fields.count == 1 { return groups.values(left)[0] < groups.values(right)[0] }
            return NaturalOrder.compareBytes(keys[left], keys[right]) < 0
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
