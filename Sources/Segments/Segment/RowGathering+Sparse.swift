import Bytes
import Records

extension RowGathering {
    /// A column that few of the rows have, or few of the cursors: its values alone are read and put in order.
    /// O(rows / 8 + values + bytes).
    mutating func sparse(_ owners: [Owner], _ sources: [ColumnSource]) -> BlockRows.Values {
        var rows: [UInt32] = []
        var slices: [RecordBatch.Slice] = []
        for (owner, source) in zip(owners, sources) { add(source, of: owner.cursor, &rows, &slices) }
        for index in 1..<max(1, rows.count) where rows[index - 1] > rows[index] {
            // Each row has one value at most.
            let order = rows.indices.sorted { rows[$0] < rows[$1] }.map(UInt32.init)
            rows = CodeKernels.take(rows, order)
            slices = CodeKernels.take(slices, order)
            break
        }
        let sparse = SparseSlices(rows: rows[...], slices: slices, rowCount: places.count)
        return slices.count * 2 < places.count ? .sparse(sparse) : .slices(sparse.spread)
    }

    /// The rows of the block that have a value from a source, and where it stands.
    private mutating func add(
        _ source: ColumnSource, of cursor: Int, _ rows: inout [UInt32], _ slices: inout [RecordBatch.Slice]
    ) {
        let range = ranges[cursor]
        var own: [RecordBatch.Slice] = []
        guard case .sparse(let dense, let presence) = source else {
            append(source.vector(rows: cursors[cursor].rowCount), range, to: &own)
            for (row, slice) in zip(range, own) where slice.length > 0 { add(row, cursor, slice, &rows, &slices) }
            return
        }
        let first = presence.rank(of: range.lowerBound)
        let end = presence.rank(of: range.upperBound)
        guard first < end else { return }
        append(dense, first..<end, to: &own)
        let all = SparseSlices.rows(of: presence.bytes, in: range)
        for (row, slice) in zip(all, own) where slice.length > 0 { add(row, cursor, slice, &rows, &slices) }
    }

    private mutating func add(
        _ row: Int, _ cursor: Int, _ slice: RecordBatch.Slice, _ rows: inout [UInt32],
        _ slices: inout [RecordBatch.Slice]
    ) {
        let target = targets[starts[cursor] + row - ranges[cursor].lowerBound]
        // Rows of the range that another block gets.
        guard target != FixedKernels.none else { return }
        rows.append(target)
        slices.append(slice)
    }
}
