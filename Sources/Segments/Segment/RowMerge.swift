import Bytes
import Records

/// Rows of many blocks in the order of their times, a block at a time. A source is read when its first row is due and
/// dropped after its last, so that memory follows how many sources overlap, not how many there are.
struct RowMerge {
    /// Bytes of values at which a block is handed over before it has all its rows.
    static let batchBytes = 32 << 20
    /// Rows that are taken of an uneven block at a time: 16 of the largest records are as much as a block.
    private static let unevenRows = 16

    /// A block that is being read: its rows, earliest first.
    final class Cursor {
        let columns: [(name: ByteString, vector: ColumnVector)]
        /// The rows within the range, by time; equal times keep their order.
        let rows: [UInt32]
        let times: [Int64]
        /// Mean bytes of a row's values.
        let bytesPerRow: Int
        /// Some rows may have far more than the mean: then their bytes are counted one by one.
        let isUneven: Bool
        var next = 0
        /// Its place among the cursors of the block that is being put together, -1 if it is not among them yet.
        var place = -1

        init(_ block: any ColumnBlock, range: ClosedRange<Int64>) throws {
            let times = try block.times()
            columns = try block.columnNames.map { ($0, try block.column($0)) }
            var rows = times.indices.filter { range.contains(times[$0]) }.map(UInt32.init)
            if !zip(rows, rows.dropFirst()).allSatisfy({ times[Int($0)] <= times[Int($1)] }) {
                rows.sort { (times[Int($0)], $0) < (times[Int($1)], $1) }
            }
            self.rows = rows
            self.times = CodeKernels.take(times, rows)
            let bytes =
                (block as? EncodedBlock)?.rawBytes ?? columns.reduce(0) { $0 + $1.vector.byteCount(rows: times.count) }
            bytesPerRow = bytes / max(1, times.count) + 1
            isUneven = bytes > RowMerge.batchBytes / 8
        }

        /// Bytes of the values of the rows from `next` to `end`. O(1), of an uneven block O(rows × columns).
        func bytes(to end: Int) -> Int {
            guard isUneven else { return (end - next) * bytesPerRow }
            return rows[next..<end].reduce(0) { sum, row in
                columns.reduce(sum) { $0 + $1.vector.length(Int(row)) }
            }
        }

        var isDone: Bool { next == rows.count }
        var time: Int64 { times[next] }
    }

    /// A run of rows of one cursor in the block that is being put together.
    struct Run {
        var cursor: Int
        var rows: Range<Int>
    }

    private let sources: [any ColumnBlock]
    private let range: ClosedRange<Int64>
    private let rowsPerBatch: Int
    /// The first source that no cursor reads yet.
    private var nextSource = 0
    private var active: [Cursor] = []

    init(_ blocks: [any ColumnBlock], range: ClosedRange<Int64>, rowsPerBatch: Int) {
        let overlapping = blocks.enumerated().filter { $1.timeRange.overlaps(range) }
        sources = overlapping.sorted {
            ($0.element.timeRange.lowerBound, $0.offset) < ($1.element.timeRange.lowerBound, $1.offset)
        }.map(\.element)
        self.range = range
        self.rowsPerBatch = rowsPerBatch
    }

    /// The next rows, ascending by time; nil when there are none left. O(rows of the block × overlapping sources).
    mutating func next() throws -> BlockRows? {
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
            // Of an uneven block a few rows at a time, so that their bytes are known before many more are taken.
            let most = cursor.isUneven ? min(budget, Self.unevenRows) : budget
            let last = min(cursor.rows.count, cursor.next + most)
            while end < last, cursor.times[end] <= earliest.until { end += 1 }
            if cursor.place < 0 {
                cursor.place = taking.count
                taking.append(cursor)
            }
            runs.append(Run(cursor: cursor.place, rows: cursor.next..<end))
            rows += end - cursor.next
            bytes += cursor.bytes(to: end)
            cursor.next = end
            if cursor.isDone { active.remove(at: earliest.position) }
        }
        return rows == 0 ? nil : RowGathering(runs, taking, rows: rows).gather()
    }

    /// Opens the sources whose first row is no later than every row at hand.
    private mutating func openDue() throws {
        while nextSource < sources.count {
            let start = sources[nextSource].timeRange.lowerBound
            if let earliest = active.map(\.time).min(), earliest < start { return }
            let cursor = try Cursor(sources[nextSource], range: range)
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
}

extension ColumnVector {
    /// Bytes of the text of a row, that of a number estimated.
    func length(_ row: Int) -> Int {
        switch self {
        case .constant(let value): value.count
        case .dictionary(let codes, let values): values.length(Int(codes[row]))
        case .integers: 8
        case .strings(let values): values.length(row)
        }
    }

    /// Bytes of the texts of all rows, those of numbers estimated. O(rows).
    func byteCount(rows: Int) -> Int {
        switch self {
        case .constant(let value): value.count * rows
        case .dictionary(let codes, let values): codes.reduce(0) { $0 + values.length(Int($1)) }
        case .integers(let numbers): numbers.count * 8
        case .strings(let values): values.arena.count
        }
    }
}
