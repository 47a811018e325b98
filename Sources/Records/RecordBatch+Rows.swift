import Bytes

extension RecordBatch {
    /// The rows at these positions, in this order. The arena is shared, not copied; columns without a value in them
    /// stay. O(rows × columns).
    public func selecting(_ rows: [Int]) -> RecordBatch {
        RecordBatch(
            arena: arena, times: rows.map { times[$0] },
            columns: columns.map { column in
                let slices = column.slices
                return Column(name: column.name, slices: rows.map { slices[$0] })
            }, tenant: tenant)
    }

    /// Bytes of all values, each row's time counted as 8: what the batch would take without any encoding. O(cells).
    public var valueBytes: Int {
        columns.reduce(rowCount * 8) { $0 + $1.valueBytes }
    }

    /// Bytes that the batch holds in memory, about. O(columns).
    public var memoryBytes: Int { columns.reduce(arena.count + rowCount * 8) { $0 + $1.memoryBytes } }
}
