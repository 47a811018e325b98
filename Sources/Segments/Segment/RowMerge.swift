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
        /// Of the columns.
        let names: [ByteString]
        /// Nil for a block of so many columns that they are read one by one, each when it is due.
        private let decoded: [ColumnSource]?
        private let block: EncodedBlock?
        /// The rows within the range, by time; equal times keep their order.
        let rows: [UInt32]
        let times: [Int64]
        /// Mean bytes of a row's values.
        let bytesPerRow: Int
        /// Of the whole block.
        let rowCount: Int
        /// Some rows may have far more than the mean: then their bytes are counted one by one.
        let isUneven: Bool
        /// Columns that are looked up as identifiers.
        let identifiers: [ByteString]
        /// Rows that were handed over.
        var taken = 0

        /// `range` nil: all rows, as they stand. `isWide`: whether columns are read one by one, where that is known.
        init(_ block: any ColumnBlock, range: ClosedRange<Int64>?, isWide: Bool? = nil) throws {
            let times = try block.times()
            rowCount = times.count
            identifiers = block.identifierColumns
            names = block.columnNames
            if let wide = block as? EncodedBlock,
                isWide ?? BlockRows.isWide(columns: 2 * names.count, rows: rowCount)
            {
                decoded = nil
                self.block = wide
            } else {
                decoded = try Self.columns(of: block)
                self.block = nil
            }
            if let range {
                var rows = Self.rows(of: times, in: range)
                if !Self.areAscending(times, rows) { rows.sort { (times[Int($0)], $0) < (times[Int($1)], $1) } }
                self.rows = rows
                self.times = CodeKernels.take(times, rows)
            } else {
                rows = Array(0..<UInt32(times.count))
                self.times = times
            }
            let bytes =
                (block as? EncodedBlock)?.rawBytes
                ?? (decoded ?? []).reduce(0) { $0 + $1.byteCount(rows: times.count) }
            bytesPerRow = bytes / max(1, times.count) + 1
            isUneven = bytes > RowMerge.batchBytes / 8 && decoded != nil
        }

        private static func columns(of block: any ColumnBlock) throws -> [ColumnSource] {
            guard let encoded = block as? EncodedBlock else {
                return try block.columnNames.map { .vector(try block.column($0)) }
            }
            return try encoded.header.columns.map { try source($0, encoded) }
        }

        /// The values of a column, by its place among `names`. O(1), of a wide block O(rows).
        func source(_ index: Int) throws -> ColumnSource {
            if let decoded { return decoded[index] }
            guard let block else { return .missing }
            let column = block.header.columns[index]
            if let sparse = try block.sparseColumn(column) { return .sparse(sparse.values, sparse.presence) }
            return try Self.source(column, block)
        }

        private static func source(_ named: BlockHeader.Column, _ block: EncodedBlock) throws -> ColumnSource {
            let column = try block.original(of: named)
            if let typed = try block.typedColumn(column) { return .typed(typed.values, typed.presence) }
            if let split = try block.splitColumn(column) { return .split(split) }
            return .vector(try block.decode(column, depth: 0))
        }

        private static func rows(of times: [Int64], in range: ClosedRange<Int64>) -> [UInt32] {
            var rows: [UInt32] = []
            rows.reserveCapacity(times.count)
            for row in 0..<times.count where range.contains(times[row]) { rows.append(UInt32(row)) }
            return rows
        }

        private static func areAscending(_ times: [Int64], _ rows: [UInt32]) -> Bool {
            for place in 1..<max(1, rows.count) where times[Int(rows[place - 1])] > times[Int(rows[place])] {
                return false
            }
            return true
        }

        /// Bytes of the values of some of the rows. O(1), of an uneven block O(rows × columns).
        func bytes(_ range: Range<Int>) -> Int {
            guard isUneven else { return range.count * bytesPerRow }
            return rows[range].reduce(0) { sum, row in
                (decoded ?? []).reduce(sum) { $0 + $1.length(Int(row)) }
            }
        }

        var isDone: Bool { taken == rows.count }
    }

    /// What is left of a cursor when a block is begun, its times among those of the others.
    struct Lane {
        let cursor: Cursor
        /// Where the times of its rows begin, the one that is due and the end.
        let start: Int
        var next: Int
        let end: Int
        let bytesPerRow: Int
        let isUneven: Bool

        /// Bytes of the values of the rows that were taken last.
        func bytes(ofLast count: Int) -> Int {
            isUneven ? cursor.bytes((taken.upperBound - count)..<taken.upperBound) : count * bytesPerRow
        }

        /// The rows of the cursor that were taken.
        var taken: Range<Int> { cursor.taken..<(cursor.taken + next - start) }
    }

    private let sources: [any ColumnBlock]
    private let starts: [Int64]
    private let range: ClosedRange<Int64>
    private let rowsPerBatch: Int
    /// The first source that no cursor reads yet.
    private var nextSource = 0
    private var active: [Cursor] = []
    /// Of the block that is being put together: the cursors, the times that each has left, one lane behind the other,
    /// and where each row's time stands among these.
    private var lanes: [Lane] = []
    private var times: [Int64] = []
    private var order: [UInt32] = []

    init(_ blocks: [any ColumnBlock], range: ClosedRange<Int64>, rowsPerBatch: Int) {
        let overlapping = blocks.enumerated().filter { $1.timeRange.overlaps(range) }
        sources = overlapping.sorted {
            ($0.element.timeRange.lowerBound, $0.offset) < ($1.element.timeRange.lowerBound, $1.offset)
        }.map(\.element)
        starts = sources.map(\.timeRange.lowerBound)
        self.range = range
        self.rowsPerBatch = rowsPerBatch
    }

    /// The next rows, ascending by time; nil when there are none left. O(rows of the block × overlapping sources).
    mutating func next() throws -> BlockRows? {
        lanes.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        order.removeAll(keepingCapacity: true)
        for cursor in active { open(cursor) }
        var bytes = 0
        while order.count < rowsPerBatch, bytes < Self.batchBytes, let due = try nextDue() {
            // No copy of a lane: that would count a reference a run.
            let lane = due.lane
            let first = lanes[lane].next
            let budget = min(rowsPerBatch - order.count, (Self.batchBytes - bytes) / lanes[lane].bytesPerRow + 1)
            // Of an uneven block a few rows at a time, so that their bytes are known before many more are taken.
            let last = min(lanes[lane].end, first + (lanes[lane].isUneven ? min(budget, Self.unevenRows) : budget))
            var end = first
            while end < last, times[end] <= due.until {
                order.append(UInt32(truncatingIfNeeded: end))
                end += 1
            }
            lanes[lane].next = end
            bytes += lanes[lane].bytes(ofLast: end - first)
        }
        guard !order.isEmpty else { return nil }
        let gathering = RowGathering(lanes, times: times, order: order)
        for lane in lanes { lane.cursor.taken += lane.next - lane.start }
        lanes.removeAll(keepingCapacity: true)
        active.removeAll(where: \.isDone)
        return try gathering.gather()
    }

    private mutating func open(_ cursor: Cursor) {
        let start = times.count
        times.append(contentsOf: cursor.times[cursor.taken...])
        precondition(times.count <= UInt32.max, "blocks of over 2^32 rows overlap in time")
        lanes.append(
            Lane(
                cursor: cursor, start: start, next: start, end: times.count, bytesPerRow: cursor.bytesPerRow,
                isUneven: cursor.isUneven))
    }

    /// The lane whose row is due, and until which time its rows may be taken before another's are due; nil when there
    /// are none left. Opens the sources whose first row is no later than every row at hand.
    private mutating func nextDue() throws -> (lane: Int, until: Int64)? {
        while true {
            var best = -1
            var earliest = Int64.max
            var until = nextSource < starts.count ? starts[nextSource] : Int64.max
            for index in 0..<lanes.count where lanes[index].next < lanes[index].end {
                let time = times[lanes[index].next]
                if best < 0 || time < earliest {
                    if best >= 0 { until = min(until, earliest) }
                    best = index
                    earliest = time
                } else {
                    until = min(until, time)
                }
            }
            if nextSource < starts.count, best < 0 || starts[nextSource] <= earliest {
                let cursor = try Cursor(sources[nextSource], range: range)
                nextSource += 1
                guard !cursor.isDone else { continue }
                active.append(cursor)
                open(cursor)
                continue
            }
            return best < 0 ? nil : (best, max(until, earliest))
        }
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
