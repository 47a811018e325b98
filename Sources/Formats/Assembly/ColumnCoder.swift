import Bytes
import CKernels
import Records

/// Moves freshly parsed rows into the batch's arena, column by column, and gives equal values of a column one place and
/// one code. Done a window at a time, while the bytes are in the first cache: every later stage then works on codes
/// where values recur, and on neighbouring bytes where they do not.
struct ColumnCoder: Sendable {
    /// One a column.
    private var coders: [plumb_coder] = []
    private var slots: [UInt64] = []
    private var values: [plumb_value] = []
    private var batches = 0

    /// Bytes behind the source that the kernel may read, and behind the arena that it may overwrite.
    static let padding = 32
    private static let firstSlots: UInt32 = 64
    /// Batches after which a column whose values did not recur is tried again.
    private static let retryBatches = 16

    /// Takes rows out of `source` and, for values that stand behind its end, out of `more`, into `arena`; the last
    /// `padding` bytes of both belong to no value. `cells` and `codes` hold `stride` rows to a column.
    /// O(cells + bytes).
    mutating func take(
        _ rows: Range<Int>, columns: Int, stride: Int, cells: inout [RecordBatch.Slice], codes: inout [UInt32],
        source: RawSpan, more: RawSpan, arena: inout [UInt8]
    ) {
        guard !rows.isEmpty else { return }
        precondition(columns * stride <= cells.count && cells.count == codes.count && rows.upperBound <= stride)
        makeRoom(columns: columns, rows: rows.count)
        let used = arena.count
        let sourceBytes = source.byteCount + more.byteCount
        precondition(used + sourceBytes <= Int(UInt32.max))
        // No two cells share bytes, so that all of them together are no longer than the sources.
        arena.append(addingCapacity: sourceBytes) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, added in
                // The arena's bytes stand in front of its room. The kernel checks every cell against the sources and
                // the room, and `makeRoom` has given every column the slots and values that the rows can need.
                let taken = unsafe source.withUnsafeBytes { bytes in
                    unsafe more.withUnsafeBytes { more in
                        unsafe cells.withUnsafeMutableBytes { cells in
                            unsafe plumb_code_rows(
                                bytes.baseAddress, bytes.count - Self.padding,
                                more.baseAddress, max(0, more.count - Self.padding),
                                cells.baseAddress!.assumingMemoryBound(to: plumb_slice.self), &codes, stride,
                                rows.lowerBound, rows.upperBound, columns, &coders, &slots, &values,
                                room.baseAddress! - used, used, used + room.count)
                        }
                    }
                }
                precondition(taken >= used, "a cell outside its window")
                added = taken - used
            }
        }
    }

    /// What is known of a column whose rows have these codes. O(rows).
    func recurrence(of column: Int, codes: ArraySlice<UInt32>) -> RecordBatch.Recurrence {
        guard column < coders.count else { return .unknown }
        let coder = coders[column]
        let distinct = Int(coder.count) - 1
        if coder.is_coded == 0 { return .rare }
        // The values of a few rows say little about the column.
        guard distinct * 2 <= Int(coder.present) else { return codes.count < 512 ? .unknown : .rare }
        let missing = UInt32(codes.count) - coder.present
        let first = Int(coder.values)
        var slices: [RecordBatch.Slice] = missing > 0 ? [.missing] : []
        var counts: [UInt32] = missing > 0 ? [missing] : []
        slices.reserveCapacity(distinct + 1)
        counts.reserveCapacity(distinct + 1)
        for value in values[(first + 1)..<(first + 1 + distinct)] {
            slices.append(RecordBatch.Slice(offset: value.offset, length: value.length))
            counts.append(value.count)
        }
        let rows = missing > 0 ? Array(codes) : codes.map { $0 &- 1 }
        return .coded(RecordBatch.ColumnCoding(codes: rows, values: slices, counts: counts))
    }

    /// Bytes held between batches.
    var memoryBytes: Int { slots.capacity * 8 + values.capacity * MemoryLayout<plumb_value>.stride }

    /// Forgets the values of the batch that was completed. O(values).
    mutating func startBatch() {
        batches += 1
        for column in coders.indices {
            unsafe plumb_code_clear(&coders[column], &slots, values)
            if batches % Self.retryBatches == 0 { coders[column].is_coded = 1 }
        }
    }

    /// Starts over without columns.
    mutating func forgetColumns() {
        coders = []
        slots = []
        values = []
    }

    // MARK: Room

    private mutating func makeRoom(columns: Int, rows: Int) {
        while coders.count < columns {
            coders.append(plumb_coder(slots: 0, mask: 0, values: 0, count: 1, present: 0, is_coded: 1))
        }
        for column in 0..<columns where coders[column].is_coded != 0 {
            let coder = coders[column]
            let wanted = Int(coder.count) + rows
            if wanted * 2 > Int(coder.mask) + 1 || coder.mask == 0 { grow(column, values: wanted) }
        }
    }

    /// Moves a column's table to the end of the pools, where there is more room. What it leaves behind is no more than
    /// what it gets.
    private mutating func grow(_ column: Int, values wanted: Int) {
        var capacity = Int(max(Self.firstSlots, coders[column].mask + 1))
        while wanted * 2 > capacity { capacity *= 2 }
        let old = Int(coders[column].values)
        let count = coders[column].mask == 0 ? 0 : Int(coders[column].count)
        coders[column].slots = UInt32(slots.count)
        coders[column].values = UInt32(values.count)
        coders[column].mask = UInt32(capacity - 1)
        slots.append(contentsOf: repeatElement(0, count: capacity))
        // One by one: a slice would hold the pool, and the append would copy all of it.
        for index in old..<(old + count) { values.append(values[index]) }
        let none = plumb_value(offset: 0, length: 0, hash: 0, count: 0)
        values.append(contentsOf: repeatElement(none, count: capacity / 2 - count))
        unsafe plumb_code_refill(&coders[column], &slots, values)
    }
}
