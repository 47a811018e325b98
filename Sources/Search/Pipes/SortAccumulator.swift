import Bytes
import QueryLanguage
import Records

/// `sort by (…)`, `first`, `last`: remembers which rows, and their keys, and decodes the other columns only of the
/// rows that are left in the end. With a limit it never holds more than about twice as many rows as asked for, and
/// rows that come after all of those are passed over at the cost of a comparison.
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
    private var keys = OrderKeyList()
    private let budget: QueryBudget
    private var memory: MemoryMeter
    /// The last entry that can still be wanted; every entry before it in order stands before it in `entries` too.
    private var worst: Int?
    /// Entries at which those are dropped that cannot be wanted.
    private var mostEntries: Int

    init(_ pipe: SortPipe, cutoff: TimeCutoff?, budget: QueryBudget) {
        self.pipe = pipe
        self.cutoff = cutoff
        let keys = pipe.keys.isEmpty ? [false] : pipe.keys.map(\.isDescending)
        descending = keys.map { $0 != pipe.isDescending }
        partitions = GroupKeys(pipe.partition.map { StatsGroup($0) })
        self.budget = budget
        memory = MemoryMeter(budget)
        mostEntries = .max
        if let wanted { mostEntries = 2 * wanted + 64 }
    }

    private var width: Int { descending.count }
    /// Rows to keep, of each partition; nil for all.
    private var wanted: Int? {
        guard pipe.limit > 0 else { return nil }
        let (sum, isOver) = pipe.limit.addingReportingOverflow(pipe.offset)
        // A quarter of what fits, so that twice as many and some is still a number.
        return isOver ? .max / 4 : min(Int(clamping: sum), .max / 4)
    }

    func add(_ chunk: Chunk) throws {
        var rows = chunk.rows
        let columns = try keyColumns(chunk, rowCount: rows.setCount)
        if let worst {
            columns[0].narrow(
                &rows, notAfter: worst * width, of: keys, isDescending: descending[0],
                keepsEqual: width > 1 || chunk.sequence <= chunks[Int(entries[worst].chunk)].sequence)
        }
        guard !rows.isEmpty else { return chunk.purge() }
        let numbers = try pipe.partition.isEmpty ? nil : partitions.numbers(of: chunk, rows: rows)
        var place: Int32?
        var ticker = BudgetTicker(budget)
        try rows.visit { row in
            try ticker.tick()
            if worst != nil, isBehindWorst(row, columns, chunk.sequence) { return }
            if place == nil {
                place = Int32(chunks.count)
                chunks.append(chunk)
            }
            for column in columns { column.with(row) { keys.append($0, $1) } }
            entries.append(
                Entry(chunk: place ?? 0, row: Int32(row), partition: UInt32(numbers?.group(row) ?? 0)))
            if entries.count >= mostEntries { place = try trim(following: place) }
        }
        chunk.purge()
        try memory.set(heldBytes)
    }

    /// Whether a row comes after the last that can be wanted. Of rows that are equal the earlier one comes first.
    private func isBehindWorst(_ row: Int, _ columns: [SortColumn], _ sequence: Int) -> Bool {
        guard let worst else { return false }
        for index in 0..<width {
            let order = columns[index].compare(row, keys, worst * width + index)
            if order != 0 { return (order > 0) != descending[index] }
        }
        let entry = entries[worst]
        return (chunks[Int(entry.chunk)].sequence, Int(entry.row)) <= (sequence, row)
    }

    private var heldBytes: Int {
        entries.count * MemoryLayout<Entry>.stride + keys.memoryBytes + chunks.reduce(0) { $0 + $1.memoryBytes }
    }

    private func keyColumns(_ chunk: Chunk, rowCount: Int) throws -> [SortColumn] {
        if !pipe.keys.isEmpty {
            return try pipe.keys.map { SortColumn(try chunk.column($0.field), rowCount: rowCount) }
        }
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
        return [SortColumn(.strings(texts), rowCount: rowCount)]
    }

    /// Entries in order, at most `wanted` of each partition.
    private func ordered(_ wanted: Int?) throws -> [Int] {
        // Held as locals: a property of a class is asked for anew at every comparison.
        let (keys, entries, descending, width) = (self.keys, self.entries, self.descending, width)
        let sequences = chunks.map(\.sequence)
        var items = entries.indices.map { entry in
            let prefix = keys.prefix(entry * width)
            return (prefix: descending[0] ? ~prefix : prefix, entry: entry)
        }
        func isBefore(_ left: Int, _ right: Int) -> Bool {
            for key in 0..<width {
                let order = keys.compare(left * width + key, right * width + key)
                if order != 0 { return (order < 0) != descending[key] }
            }
            let leftSequence = sequences[Int(entries[left].chunk)]
            let rightSequence = sequences[Int(entries[right].chunk)]
            return (leftSequence, entries[left].row) < (rightSequence, entries[right].row)
        }
        var ticker = BudgetTicker(budget)
        try items.sort { left, right in
            try ticker.tick()
            return left.prefix == right.prefix ? isBefore(left.entry, right.entry) : left.prefix < right.prefix
        }
        let order = items.map(\.entry)
        guard let wanted else { return order }
        if pipe.partition.isEmpty { return Array(order.prefix(wanted)) }
        var taken = [Int](repeating: 0, count: partitions.count)
        return order.filter { entry in
            let partition = Int(entries[entry].partition)
            taken[partition] += 1
            return taken[partition] <= wanted
        }
    }

    /// Drops the entries, and then the chunks, that cannot be wanted. Gives the new place of the chunk that has been
    /// at `current`, nil if it is dropped.
    private func trim(following current: Int32?) throws -> Int32? {
        guard let wanted else { return current }
        var kept: [Entry] = []
        var keptKeys = OrderKeyList()
        var places: [Int32: Int32] = [:]
        var keptChunks: [Chunk] = []
        for index in try ordered(wanted) {
            var entry = entries[index]
            if let place = places[entry.chunk] {
                entry.chunk = place
            } else {
                places[entry.chunk] = Int32(keptChunks.count)
                keptChunks.append(chunks[Int(entry.chunk)])
                entry.chunk = Int32(keptChunks.count - 1)
            }
            kept.append(entry)
            keptKeys.append(index * width..<(index + 1) * width, of: keys)
        }
        entries = kept
        keys = keptKeys
        chunks = keptChunks
        if pipe.partition.isEmpty, entries.count == wanted {
            worst = wanted - 1
            let key = keys.key((wanted - 1) * width)
            if let cutoff, key.kind == .time { cutoff.tighten(key.exact) }
        }
        // Of many partitions more rows are wanted than of one.
        mostEntries = max(2 * entries.count, 2 * wanted) + (pipe.partition.isEmpty ? 64 : 4_096)
        return current.flatMap { places[$0] }
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? SortAccumulator else { return }
        let map = try partitions.merge(other.partitions, budget)
        let base = Int32(chunks.count)
        chunks += other.chunks
        keys.append(0..<other.keys.count, of: other.keys)
        worst = nil
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
