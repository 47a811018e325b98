import Bytes
import QueryLanguage
import Records

/// `running_stats by (…) f(…)` and `total_stats`: each row with the results over its group, up to and with it or over
/// all of it. Rows come out group by group, shorter keys first and keys of one length in byte order, and within a group
/// by time; functions that depend on the order of rows see them in this one.
final class RowwiseStatsAccumulator: PipeAccumulator {
    enum Extent { case upToRow, wholeGroup }

    /// A row and what it is ordered by.
    private struct Entry {
        var group: UInt32
        var place: PickedSource.Row
        var time: Int64
        /// The time's text where it is none; such rows come last.
        var text: ByteString?
    }

    /// Rows that are put together at a time.
    private static let rowsAtOnce = 1_024

    private let extent: Extent
    private let names: [ByteString]
    private let functions: [any StatsAccumulator]
    private var groups: GroupKeys
    private var chunks: [Chunk] = []
    private var entries: [Entry] = []
    private let budget: QueryBudget
    private var memory: MemoryMeter

    init(_ pipe: StatsPipe, _ extent: Extent, budget: QueryBudget) {
        self.extent = extent
        groups = GroupKeys(pipe.groups)
        names = pipe.columns.map(\.name)
        functions = pipe.columns.map { StatsFactory.make($0.function, seconds: 0) }
        self.budget = budget
        memory = MemoryMeter(budget)
    }

    private var held: Int {
        functions.reduce(groups.memoryBytes) { $0 + $1.memoryBytes } + chunks.reduce(0) { $0 + $1.memoryBytes }
            + entries.count * MemoryLayout<Entry>.stride
    }

    func add(_ chunk: Chunk) throws {
        guard !chunk.rows.isEmpty else { return }
        chunk.purge()
        chunks.append(chunk)
        try memory.set(held)
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? RowwiseStatsAccumulator else { return }
        chunks += other.chunks
        try memory.set(held)
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        chunks.sort { $0.sequence < $1.sequence }
        try collectEntries()
        order()
        for function in functions { function.grow(to: groups.count) }
        if extent == .wholeGroup { try visit { try addAll($0, $1) } }
        try visit { chunk, numbers in
            let outputs = try extent == .upToRow ? running(chunk, numbers) : results(numbers)
            for (name, output) in zip(names, outputs) { chunk.set(name, .strings(output)) }
            try emit(chunk)
        }
    }

    private func collectEntries() throws {
        for (place, chunk) in chunks.enumerated() {
            let numbers = try groups.numbers(of: chunk, rows: chunk.rows)
            let times = try chunk.ownTimes()
            let texts = try times == nil ? chunk.column(StandardFields.time) : nil
            chunk.rows.visit { row in
                let text = texts.map { $0.value(row) }
                let time = times?[row] ?? text.flatMap { NumberParser.time($0.bytes.rawSpan) }
                entries.append(
                    Entry(
                        group: UInt32(numbers.group(row)),
                        place: PickedSource.Row(chunk: Int32(place), row: Int32(row)), time: time ?? 0,
                        text: time == nil ? text : nil))
            }
            chunk.purge()
            try memory.set(held)
        }
    }

    private func order() {
        let keys = groups.table.keys
        let texts = (0..<keys.count).map { ByteString(keys[$0]) }
        let sorted = texts.indices.sorted { texts[$0] < texts[$1] }
        var ranks = [UInt32](repeating: 0, count: sorted.count)
        for (rank, group) in sorted.enumerated() { ranks[group] = UInt32(rank) }
        entries.sort { left, right in
            if left.group != right.group { return ranks[Int(left.group)] < ranks[Int(right.group)] }
            let isTime = (left.text == nil, right.text == nil)
            if isTime.0 != isTime.1 { return isTime.0 }
            if isTime.0, left.time != right.time { return left.time < right.time }
            if let text = left.text, let other = right.text, text != other { return text < other }
            return (left.place.chunk, left.place.row) < (right.place.chunk, right.place.row)
        }
    }

    /// Calls `body` with the rows in their order, some at a time, and with their groups.
    private func visit(_ body: (Chunk, GroupNumbers) throws -> Void) throws {
        for start in stride(from: 0, to: entries.count, by: Self.rowsAtOnce) {
            try budget.check()
            let some = entries[start..<min(start + Self.rowsAtOnce, entries.count)]
            let chunk = Chunk(PickedSource(chunks, rows: some.map(\.place), budget: budget), rowCount: some.count)
            try body(chunk, GroupNumbers(perRow: some.map(\.group), single: 0))
        }
    }

    private func addAll(_ chunk: Chunk, _ numbers: GroupNumbers) throws {
        for function in functions { try function.add(chunk, rows: chunk.rows, groups: numbers) }
        try memory.set(held)
    }

    private func running(_ chunk: Chunk, _ numbers: GroupNumbers) throws -> [StringColumn] {
        var outputs = [StringColumn](repeating: StringColumn(), count: functions.count)
        var text: [UInt8] = []
        for row in 0..<chunk.rowCount {
            var rows = Bitmap(count: chunk.rowCount)
            rows.insert(row)
            for (index, function) in functions.enumerated() {
                try function.add(chunk, rows: rows, groups: numbers)
                text.removeAll(keepingCapacity: true)
                function.appendResult(of: numbers.group(row), to: &text)
                outputs[index].append(text.rawSpan)
            }
        }
        try memory.set(held)
        return outputs
    }

    private func results(_ numbers: GroupNumbers) -> [StringColumn] {
        functions.map { function in
            var output = StringColumn()
            var text: [UInt8] = []
            for group in numbers.perRow ?? [] {
                text.removeAll(keepingCapacity: true)
                function.appendResult(of: Int(group), to: &text)
                output.append(text.rawSpan)
            }
            return output
        }
    }
}
