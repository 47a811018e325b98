import Bytes
import CKernels
import Records

/// Rows of which each has few of many columns, kept value by value: they cost memory and time for the values that there
/// are, where a table of cells would cost both for those that are missing.
struct SparseRows: Sendable {
    typealias Slice = RecordBatch.Slice

    /// Those of one call stand column by column, in the order of their rows.
    private var entries: [plumb_entry] = []
    private(set) var times: [Int64] = []

    /// Values so far.
    var count: Int { entries.count }
    var rowCount: Int { times.count }
    /// Bytes that are held, and stay held while no row waits.
    var memoryBytes: Int { entries.capacity * MemoryLayout<plumb_entry>.stride + times.capacity * 8 }

    /// Takes rows out of their cells, `cells[column * stride + row]`, which are empty then. `source` is what they point
    /// into, its last `ColumnCoder.padding` bytes not among the values; nil if that is the arena. O(cells + bytes).
    mutating func take(
        _ rowTimes: ArraySlice<Int64>, columns: Int, stride: Int, cells: inout [Slice], source: RawSpan?,
        arena: inout [UInt8]
    ) {
        let rows = rowTimes.count
        guard rows > 0 else { return }
        precondition(columns * stride <= cells.count && rows <= stride)
        let bytes = source?.byteCount ?? 0
        precondition(arena.count + bytes <= Int(UInt32.max))
        // No two values share a byte of the source.
        let most = source == nil ? columns * rows : min(columns * rows, bytes)
        let first = times.count
        let used = arena.count
        arena.append(addingCapacity: bytes) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, added in
                entries.append(addingCapacity: most) { output in
                    unsafe output.withUnsafeMutableBufferPointer { entries, count in
                        // As in `ColumnCoder.take`; the kernel writes `most` entries at most.
                        let taken = unsafe Self.withBytes(of: source) { bytes in
                            unsafe cells.withUnsafeMutableBytes { cells in
                                unsafe plumb_take_entries(
                                    bytes?.baseAddress, max(0, (bytes?.count ?? 0) - ColumnCoder.padding),
                                    cells.baseAddress!.assumingMemoryBound(to: plumb_slice.self), stride, rows, columns,
                                    first, entries.baseAddress, most, &count,
                                    room.baseAddress.map { unsafe $0 - used }, used, used + room.count)
                            }
                        }
                        precondition(taken >= used, "a cell outside its window")
                        added = taken - used
                    }
                }
            }
        }
        times.append(contentsOf: rowTimes)
    }

    private static func withBytes<Result>(
        of source: RawSpan?, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard let source else { return body(nil) }
        return unsafe source.withUnsafeBytes { unsafe body($0) }
    }

    /// The rows as columns, those without a value left out, and forgets them. `names` of all columns. O(values +
    /// columns × rows / 8).
    mutating func takeColumns(_ names: [ByteString]) -> [RecordBatch.Column] {
        let rowCount = times.count
        var rows: [UInt32] = []
        var ends: [UInt32] = []
        // The kernel writes a row and a slice for each entry and an end for each column.
        let slices = unsafe [Slice](unsafeUninitializedCapacity: entries.count) { slices, count in
            rows = unsafe [UInt32](unsafeUninitializedCapacity: entries.count) { rows, rowsCount in
                ends = unsafe [UInt32](unsafeUninitializedCapacity: names.count) { ends, endsCount in
                    unsafe plumb_sort_entries(
                        entries, entries.count, names.count, rows.baseAddress,
                        UnsafeMutableRawPointer(slices.baseAddress)?.assumingMemoryBound(to: plumb_slice.self),
                        ends.baseAddress)
                    endsCount = names.count
                }
                rowsCount = entries.count
            }
            count = entries.count
        }
        entries.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        var columns: [RecordBatch.Column] = []
        var start = 0
        for (position, name) in names.enumerated() where start < Int(ends[position]) {
            let end = Int(ends[position])
            let own = Array(slices[start..<end])
            let few = SparseSlices(rows: rows[start..<end], slices: own, rowCount: rowCount)
            if own.count == rowCount {
                columns.append(RecordBatch.Column(name: name, slices: own))
            } else if own.count * 2 < rowCount {
                columns.append(RecordBatch.Column(name: name, few: few))
            } else {
                columns.append(RecordBatch.Column(name: name, slices: few.spread))
            }
            start = end
        }
        return columns
    }
}
