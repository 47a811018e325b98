import Bytes
import QueryLanguage
import Records

/// `sort by (…)`, `first`, `last`: remembers which rows, and their keys, and decodes the other columns only of the
/// rows that are left in the end. With a limit it never holds more than twice as many rows as asked for.
final class SortAccumulator: PipeAccumulator {
    private struct Entry {
        var chunk: Int32
        var row: Int32
        var partition: UInt32
    }

    private let pipe: SortPipe
    private let descending: [Bool]
    private let cutoff: TimeCutoff?
    private var partitions: GroupKeys
    private var chunks: [Chunk] = []
    private var entries: [Entry] = []
    /// Keys of each entry, `pipe.keys.count` (or one, without keys) an entry.
    private var values: [SortValue] = []
    private var heapBytes = 0
    private let budget: QueryBudget
    private var memory: MemoryMeter
    /// First key of the last entry that can still be wanted.
    private var worst: SortValue?

    init(_ pipe: SortPipe, cutoff: TimeCutoff?, budget: QueryBudget) {
        self.pipe = pipe
        self.cutoff = cutoff
        let keys = pipe.keys.isEmpty ? [false] : pipe.keys.map(\.isDescending)
        descending = keys.map { $0 != pipe.isDescending }
        partitions = GroupKeys(pipe.partition.map { StatsGroup($0) })
        self.budget = budget
        memory = MemoryMeter(budget)
    }

    private var width: Int { descending.count }
    /// Entries beyond twice the wanted ones before the rest is dropped: few where a cutoff lets blocks be skipped.
    private var trimmedEntries: Int { cutoff == nil ? 4_096 : 64 }
    /// Rows to keep, of each partition; nil for all.
    private var wanted: Int? {
        guard pipe.limit > 0 else { return nil }
        let (sum, isOver) = pipe.limit.addingReportingOverflow(pipe.offset)
        // Half of what fits, so that twice as many is still a number.
        return isOver ? .max / 4 : min(Int(clamping: sum), .max / 4)
    }

    func add(_ chunk: Chunk) throws {
        var rows = chunk.rows
        let columns = try keyColumns(chunk)
        if let worst { columns[0].narrow(&rows, notAfter: worst, isDescending: descending[0]) }
        guard !rows.isEmpty else { return }
        let numbers = try pipe.partition.isEmpty ? nil : partitions.numbers(of: chunk, rows: rows)
        let place = Int32(chunks.count)
        chunks.append(chunk)
        rows.visit { row in
            for column in columns {
                let value = column.value(row)
                heapBytes += value.heapBytes
                values.append(value)
            }
            entries.append(Entry(chunk: place, row: Int32(row), partition: UInt32(numbers?.group(row) ?? 0)))
        }
        chunk.purge()
        if let wanted, entries.count > 2 * wanted + trimmedEntries { try trim(to: wanted) }
        try memory.set(heldBytes)
    }

    private var heldBytes: Int {
        entries.count * (12 + width * MemoryLayout<SortValue>.stride) + heapBytes
            + chunks.reduce(0) { $0 + $1.memoryBytes }
    }

    private func keyColumns(_ chunk: Chunk) throws -> [SortColumn] {
        if !pipe.keys.isEmpty { return try pipe.keys.map { SortColumn(try chunk.column($0.field)) } }
        // Without keys rows are ordered by all of their fields.
        let columns = try chunk.names.sorted().map { ($0, try chunk.column($0)) }
        var texts = StringColumn()
        var ticker = BudgetTicker(budget)
        for row in 0..<chunk.rowCount {
            try ticker.tick()
            var text: [UInt8] = []
            if chunk.rows.contains(row) { RowJSON.append(row, columns, to: &text) }
            texts.append(text.rawSpan)
        }
        return [.strings(texts)]
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        for key in 0..<width {
            let order = SortValue.compare(values[left * width + key], values[right * width + key])
            if order != 0 { return (order < 0) != descending[key] }
        }
        let leftPlace = (chunks[Int(entries[left].chunk)].sequence, entries[left].row)
        let rightPlace = (chunks[Int(entries[right].chunk)].sequence, entries[right].row)
        return leftPlace < rightPlace
    }

    /// Entries in order, at most `wanted` of each partition.
    private func ordered(_ wanted: Int?) throws -> [Int] {
        var order = Array(entries.indices)
        var ticker = BudgetTicker(budget)
        try order.sort {
            try ticker.tick()
            return isBefore($0, $1)
        }
        guard let wanted else { return order }
        if pipe.partition.isEmpty { return Array(order.prefix(wanted)) }
        var taken = [Int](repeating: 0, count: partitions.count)
        return order.filter { entry in
            let partition = Int(entries[entry].partition)
            taken[partition] += 1
            return taken[partition] <= wanted
        }
    }

    /// Drops the entries, and then the chunks, that cannot be wanted.
    private func trim(to wanted: Int) throws {
        let order = try ordered(wanted)
        var kept: [Entry] = []
        var keptValues: [SortValue] = []
        var places: [Int32: Int32] = [:]
        var keptChunks: [Chunk] = []
        heapBytes = 0
        for index in order {
            var entry = entries[index]
            if let place = places[entry.chunk] {
                entry.chunk = place
            } else {
                places[entry.chunk] = Int32(keptChunks.count)
                keptChunks.append(chunks[Int(entry.chunk)])
                entry.chunk = Int32(keptChunks.count - 1)
            }
            kept.append(entry)
            for value in values[index * width..<(index + 1) * width] {
                heapBytes += value.heapBytes
                keptValues.append(value)
            }
        }
        entries = kept
        values = keptValues
        chunks = keptChunks
        guard pipe.partition.isEmpty, entries.count == wanted, wanted > 0 else { return }
        worst = values[(wanted - 1) * width]
        if let cutoff, case .time(let time)? = worst { cutoff.tighten(time) }
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? SortAccumulator else { return }
        let map = try partitions.merge(other.partitions, budget)
        let base = Int32(chunks.count)
        chunks += other.chunks
        values += other.values
        heapBytes += other.heapBytes
        for var entry in other.entries {
            entry.chunk += base
            if !map.isEmpty { entry.partition = UInt32(map[Int(entry.partition)]) }
            entries.append(entry)
        }
        try memory.set(heldBytes)
    }

    /// The place of each partition among all: they come out whole, shorter values first, then in byte order.
    private var partitionPlaces: [Int] {
        let values = (0..<partitions.count).map { partitions.values($0) }
        let order = values.indices.sorted { left, right in
            for (mine, other) in zip(values[left], values[right]) where mine != other {
                return mine.count == other.count ? mine < other : mine.count < other.count
            }
            return false
        }
        var places = [Int](repeating: 0, count: order.count)
        for (place, partition) in order.enumerated() { places[partition] = place }
        return places
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        var order = try ordered(wanted)
        if !pipe.partition.isEmpty {
            let places = partitionPlaces
            var parts = [[Int]](repeating: [], count: partitions.count)
            for index in order { parts[places[Int(entries[index].partition)]].append(index) }
            order = parts.flatMap { $0 }
        }
        var rows: [PickedSource.Row] = []
        var ranks: [Int64] = []
        var taken = [UInt64](repeating: 0, count: max(partitions.count, 1))
        for index in order {
            let entry = entries[index]
            taken[Int(entry.partition)] += 1
            guard taken[Int(entry.partition)] > pipe.offset else { continue }
            rows.append(PickedSource.Row(chunk: entry.chunk, row: entry.row))
            ranks.append(Int64(clamping: taken[Int(entry.partition)]))
        }
        guard !rows.isEmpty else { return }
        let chunk = Chunk(PickedSource(chunks, rows: rows, budget: budget), rowCount: rows.count)
        if let rank = pipe.rank { chunk.set(rank, .integers(ranks)) }
        try emit(chunk)
    }
}
