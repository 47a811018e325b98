import Bytes
import Records

/// Rows of many blocks in the order of their times, a batch at a time. A block is read when its first row is due and
/// dropped after its last, so that memory follows how many blocks overlap, not how many there are.
struct RowMerge {
    /// Bytes of values at which a batch is handed over before it has all its rows.
    static let batchBytes = 32 << 20

    /// A block that is being read: its rows, earliest first.
    private final class Cursor {
        let batch: RecordBatch
        /// The rows within the range, by time; equal times keep their order.
        let rows: [UInt32]
        let times: [Int64]
        /// Mean bytes of a row's values.
        let bytesPerRow: Int
        var next = 0
        /// Its place among the cursors of the batch that is being put together, -1 if it is not among them yet.
        var place = -1

        init(_ block: any ColumnBlock, range: ClosedRange<Int64>, tenant: Tenant) throws {
            batch = try RecordBatch(opening: block, tenant: tenant)
            let times = batch.times
            var rows = times.indices.filter { range.contains(times[$0]) }.map(UInt32.init)
            if !zip(rows, rows.dropFirst()).allSatisfy({ times[Int($0)] <= times[Int($1)] }) {
                rows.sort { (times[Int($0)], $0) < (times[Int($1)], $1) }
            }
            self.rows = rows
            self.times = rows.map { times[Int($0)] }
            let bytes = batch.columns.reduce(0) { $0 + $1.slices.reduce(0) { $0 + Int($1.length) } }
            bytesPerRow = bytes / max(1, batch.rowCount) + 1
        }

        var isDone: Bool { next == rows.count }
        var time: Int64 { times[next] }
    }

    /// A run of rows of one cursor in the batch that is being put together.
    private struct Run {
        var cursor: Int
        var rows: Range<Int>
    }

    private let sources: [any ColumnBlock]
    private let range: ClosedRange<Int64>
    private let tenant: Tenant
    private let rowsPerBatch: Int
    /// The first source that no cursor reads yet.
    private var nextSource = 0
    private var active: [Cursor] = []

    init(_ blocks: [any ColumnBlock], range: ClosedRange<Int64>, tenant: Tenant, rowsPerBatch: Int) {
        let overlapping = blocks.enumerated().filter { $1.timeRange.overlaps(range) }
        sources = overlapping.sorted {
            ($0.element.timeRange.lowerBound, $0.offset) < ($1.element.timeRange.lowerBound, $1.offset)
        }.map(\.element)
        self.range = range
        self.tenant = tenant
        self.rowsPerBatch = rowsPerBatch
    }

    /// The next rows, ascending by time; nil when there are none left. O(rows of the batch × overlapping blocks).
    mutating func next() throws -> RecordBatch? {
        active.removeAll(where: \.isDone)
        var taking: [Cursor] = []
        for cursor in active { cursor.place = -1 }
        var runs: [Run] = []
        var rows = 0
        var bytes = 0
        while rows < rowsPerBatch, bytes < Self.batchBytes {
            try openDue()
            guard let earliest = earliestCursor() else { break }
            let cursor = active[earliest.position]
            var end = cursor.next
            let budget = min(rowsPerBatch - rows, (Self.batchBytes - bytes) / cursor.bytesPerRow + 1)
            let last = min(cursor.rows.count, cursor.next + budget)
            while end < last, cursor.times[end] <= earliest.until { end += 1 }
            if cursor.place < 0 {
                cursor.place = taking.count
                taking.append(cursor)
            }
            runs.append(Run(cursor: cursor.place, rows: cursor.next..<end))
            rows += end - cursor.next
            bytes += (end - cursor.next) * cursor.bytesPerRow
            cursor.next = end
            if cursor.isDone { active.remove(at: earliest.position) }
        }
        return rows == 0 ? nil : gather(runs, taking, rows: rows)
    }

    /// Opens the sources whose first row is no later than every row at hand.
    private mutating func openDue() throws {
        while nextSource < sources.count {
            let start = sources[nextSource].timeRange.lowerBound
            if let earliest = active.map(\.time).min(), earliest < start { return }
            let cursor = try Cursor(sources[nextSource], range: range, tenant: tenant)
            nextSource += 1
            if !cursor.isDone { active.append(cursor) }
        }
    }

    /// The cursor whose row is due, and until which time its rows may be taken before another's are due.
    private func earliestCursor() -> (position: Int, until: Int64)? {
        guard !active.isEmpty else { return nil }
        var best = 0
        for position in active.indices where active[position].time < active[best].time { best = position }
        var until = nextSource < sources.count ? sources[nextSource].timeRange.lowerBound : Int64.max
        for position in active.indices where position != best { until = min(until, active[position].time) }
        return (best, max(until, active[best].time))
    }

    // MARK: Putting a batch together

    private func gather(_ runs: [Run], _ cursors: [Cursor], rows: Int) -> RecordBatch {
        var output = RecordBatch(tenant: tenant)
        output.times.reserveCapacity(rows)
        for run in runs { output.times.append(contentsOf: cursors[run.cursor].times[run.rows]) }
        var bases: [UInt32] = []
        let total = cursors.reduce(0) { $0 + $1.batch.arena.count }
        output.arena.reserveCapacity(total)
        precondition(total <= UInt32.max, "blocks of over 4 GiB overlap in time")
        for cursor in cursors {
            bases.append(UInt32(output.arena.count))
            output.arena.append(contentsOf: cursor.batch.arena)
        }
        var names: [ByteString] = []
        var positions: [ByteString: [Int?]] = [:]
        for (index, cursor) in cursors.enumerated() {
            for (position, column) in cursor.batch.columns.enumerated() {
                if positions[column.name] == nil {
                    names.append(column.name)
                    positions[column.name] = [Int?](repeating: nil, count: cursors.count)
                }
                positions[column.name]![index] = position
            }
        }
        for name in names {
            let slices = gather(positions[name]!, runs, cursors, bases, rows: rows)
            output.columns.append(.init(name: name, slices: slices))
        }
        return output
    }

    private func gather(
        _ positions: [Int?], _ runs: [Run], _ cursors: [Cursor], _ bases: [UInt32], rows: Int
    ) -> [RecordBatch.Slice] {
        var slices: [RecordBatch.Slice] = []
        slices.reserveCapacity(rows)
        for run in runs {
            guard let position = positions[run.cursor] else {
                slices.append(contentsOf: repeatElement(.missing, count: run.rows.count))
                continue
            }
            let cursor = cursors[run.cursor]
            let base = bases[run.cursor]
            let source = cursor.batch.columns[position].slices
            for row in run.rows {
                let slice = source[Int(cursor.rows[row])]
                slices.append(
                    slice.length == 0 ? .missing : RecordBatch.Slice(offset: slice.offset + base, length: slice.length))
            }
        }
        return slices
    }
}

extension RecordBatch {
    /// A block back as a batch: what `init(_:tenant:)` does, with whole arenas copied at once. O(cells + bytes).
    init(opening block: any ColumnBlock, tenant: Tenant) throws {
        self.init(times: try block.times(), tenant: tenant)
        for name in block.columnNames {
            columns.append(Column(name: name, slices: place(try block.column(name))))
        }
    }

    private mutating func place(_ vector: ColumnVector) -> [Slice] {
        switch vector {
        case .constant(let value):
            let slice = Slice(offset: UInt32(arena.count), length: UInt32(value.count))
            arena.append(contentsOf: value.bytes)
            return [Slice](repeating: slice, count: rowCount)
        case .dictionary(let codes, let values):
            let slices = place(values)
            return codes.map { slices[Int($0)] }
        case .integers(let numbers):
            return numbers.map { number in
                let start = arena.count
                DecimalText.append(number, to: &arena)
                return Slice(offset: UInt32(start), length: UInt32(arena.count - start))
            }
        case .strings(let values): return place(values)
        }
    }

    private mutating func place(_ values: StringColumn) -> [Slice] {
        precondition(arena.count + values.arena.count <= UInt32.max)
        let base = UInt32(arena.count)
        arena.append(contentsOf: values.arena)
        return (0..<values.count).map { row in
            Slice(offset: base + values.offsets[row], length: values.offsets[row + 1] - values.offsets[row])
        }
    }
}
