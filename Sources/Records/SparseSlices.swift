import Bytes

/// A column in which most rows have no value: those that have one, and which they are.
public struct SparseSlices: Sendable {
    /// A bit a row, low bits first.
    public let bits: [UInt8]
    /// Where the values of the rows that have one stand in the arena.
    public let slices: [RecordBatch.Slice]
    public let rowCount: Int

    /// `bits` has a bit for each row, of which as many are set as there are slices.
    public init(bits: [UInt8], slices: [RecordBatch.Slice], rowCount: Int) {
        precondition(bits.count == (rowCount + 7) / 8)
        precondition(PresenceKernels.count(bits.rawSpan, rows: rowCount) == slices.count)
        self.bits = bits
        self.slices = slices
        self.rowCount = rowCount
    }

    /// Nil where half of the rows or more have a value. O(rows).
    public init?(_ slices: [RecordBatch.Slice]) {
        let presence = PresenceKernels.presence(ofSlices: slices.rawSpan)
        guard presence.present * 2 < slices.count else { return nil }
        bits = presence.bits
        self.slices = PresenceKernels.present(slices, count: presence.present)
        rowCount = slices.count
    }

    /// Values at some rows, ascending, of which there are fewer than rows.
    public init(rows: ArraySlice<UInt32>, slices: [RecordBatch.Slice], rowCount: Int) {
        var bits = [UInt8](repeating: 0, count: (rowCount + 7) / 8)
        for row in rows { bits[Int(row) >> 3] |= 1 << UInt8(row & 7) }
        self.init(bits: bits, slices: slices, rowCount: rowCount)
    }

    /// A slice a row. O(rows).
    public var spread: [RecordBatch.Slice] {
        var all = [RecordBatch.Slice](repeating: .missing, count: rowCount)
        visit { row, slice in all[row] = slice }
        return all
    }

    /// The slice of one row. O(rows / 64).
    public subscript(row: Int) -> RecordBatch.Slice {
        guard bits[row >> 3] >> UInt8(row & 7) & 1 == 1 else { return .missing }
        return slices[PresenceKernels.count(bits.rawSpan, rows: row)]
    }

    /// Hands over each row that has a value, ascending. O(rows / 8 + values).
    public func visit(_ body: (_ row: Int, _ slice: RecordBatch.Slice) -> Void) {
        visit(in: 0..<rowCount, body)
    }

    /// The same for the rows of a range. O(rows before its end / 8 + values).
    public func visit(in range: Range<Int>, _ body: (_ row: Int, _ slice: RecordBatch.Slice) -> Void) {
        var next = PresenceKernels.count(bits.rawSpan, rows: range.lowerBound)
        Self.visit(bits, in: range) { row in
            body(row, slices[next])
            next += 1
        }
    }

    /// The rows of a range whose bits are set, ascending. O(rows / 8 + rows with a value).
    public static func rows(of bits: [UInt8], in range: Range<Int>) -> [Int] {
        var rows: [Int] = []
        visit(bits, in: range) { rows.append($0) }
        return rows
    }

    private static func visit(_ bits: [UInt8], in range: Range<Int>, _ body: (_ row: Int) -> Void) {
        guard !range.isEmpty else { return }
        for place in (range.lowerBound >> 3)...((range.upperBound - 1) >> 3) where bits[place] != 0 {
            var byte = bits[place]
            while byte != 0 {
                let row = place << 3 + byte.trailingZeroBitCount
                if row >= range.upperBound { return }
                if row >= range.lowerBound { body(row) }
                byte &= byte - 1
            }
        }
    }

    /// Bytes of all values. O(values).
    public var byteCount: Int { slices.reduce(0) { $0 + Int($1.length) } }
}
