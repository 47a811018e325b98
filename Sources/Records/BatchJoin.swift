import Bytes

/// Puts batches of one tenant together, one behind the other; columns meet by name, in the order of first appearance.
/// A column that few of the batches have, or few of the rows, costs memory for its values alone.
public struct BatchJoin: Sendable {
    fileprivate typealias Slice = RecordBatch.Slice

    /// The values of a column so far; rows behind them have none yet.
    fileprivate struct Joined: Sendable {
        var name: ByteString
        var rows = 0
        /// A slice a row, or of those alone that have a value and `bits` says which.
        var slices: [Slice] = []
        var bits: [UInt8]?
    }

    /// The only batch so far, which stays as it is.
    private var first: RecordBatch?
    private var arena: [UInt8] = []
    private var times: [Int64] = []
    private var tenant = Tenant.main
    private var columns: [Joined] = []
    private var positions: [ByteString: Int] = [:]

    public init(_ batch: RecordBatch) { first = batch }

    public var rowCount: Int { first?.rowCount ?? times.count }
    public var columnCount: Int { first?.columns.count ?? columns.count }
    /// Bytes of the arena that the batches make together.
    public var arenaBytes: Int { first?.arena.count ?? arena.count }

    /// Appends the rows of another batch of the same tenant. The arenas together must stay below 4 GiB. O(values +
    /// bytes).
    public mutating func append(_ batch: RecordBatch) {
        if let first {
            self.first = nil
            tenant = first.tenant
            add(first)
        }
        add(batch)
    }

    private mutating func add(_ batch: RecordBatch) {
        precondition(batch.tenant == tenant && arena.count + batch.arena.count <= Int(UInt32.max))
        let base = UInt32(arena.count)
        let start = times.count
        arena.append(contentsOf: batch.arena)
        times.append(contentsOf: batch.times)
        // Most batches have the columns of the one before, in its order: then no name is looked up.
        var expected = 0
        for column in batch.columns {
            let position = position(of: column.name, expected: expected)
            columns[position].append(column, at: start, base: base)
            expected = position + 1
        }
    }

    private mutating func position(of name: ByteString, expected: Int) -> Int {
        if expected < columns.count, columns[expected].name == name { return expected }
        if let known = positions[name] { return known }
        positions[name] = columns.count
        columns.append(Joined(name: name))
        return columns.count - 1
    }

    /// The rows of all batches as one. O(rows × columns), of columns with few values O(rows / 8 + values).
    public consuming func joined() -> RecordBatch {
        if let first { return first }
        let rows = times.count
        return RecordBatch(
            arena: arena, times: times, columns: columns.map { $0.column(rows: rows) }, tenant: tenant)
    }
}

extension BatchJoin.Joined {
    /// Appends a column whose first row is `start` of all.
    fileprivate mutating func append(_ column: RecordBatch.Column, at start: Int, base: UInt32) {
        // Rows without a value between, as many as all others: from here on each costs a bit.
        if bits == nil, start - rows > rows + column.rowCount { thin() }
        switch column.values {
        case .all(let added) where bits == nil:
            slices.append(contentsOf: repeatElement(.missing, count: start - rows))
            for slice in added { slices.append(Self.moved(slice, base)) }
        case .all(let added):
            for (row, slice) in added.enumerated() where slice.length > 0 { add(slice, at: start + row, base) }
        case .few(let few):
            if bits == nil { thin() }
            few.visit { row, slice in add(slice, at: start + row, base) }
        }
        rows = start + column.rowCount
    }

    private static func moved(_ slice: RecordBatch.Slice, _ base: UInt32) -> RecordBatch.Slice {
        slice.length == 0 ? .missing : RecordBatch.Slice(offset: slice.offset + base, length: slice.length)
    }

    private mutating func add(_ slice: RecordBatch.Slice, at row: Int, _ base: UInt32) {
        let place = row >> 3
        if place >= bits!.count { bits!.append(contentsOf: repeatElement(0, count: place + 1 - bits!.count)) }
        bits![place] |= 1 << UInt8(row & 7)
        slices.append(Self.moved(slice, base))
    }

    private mutating func thin() {
        bits = PresenceKernels.presence(ofSlices: slices.rawSpan).bits
        slices = PresenceKernels.present(slices)
    }

    fileprivate consuming func column(rows: Int) -> RecordBatch.Column {
        guard var bits else {
            slices.append(contentsOf: repeatElement(.missing, count: rows - slices.count))
            return RecordBatch.Column(name: name, slices: slices)
        }
        bits.append(contentsOf: repeatElement(0, count: (rows + 7) / 8 - bits.count))
        let few = SparseSlices(bits: bits, slices: slices, rowCount: rows)
        return slices.count * 2 < rows
            ? RecordBatch.Column(name: name, few: few) : RecordBatch.Column(name: name, slices: few.spread)
    }
}
