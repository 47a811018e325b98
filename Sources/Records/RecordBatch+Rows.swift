import Bytes

extension RecordBatch {
    /// Appends the rows of another batch of the same tenant; columns meet by name, in the order of first appearance.
    /// The arenas together must stay below 4 GiB. O(cells + bytes).
    public mutating func append(_ other: RecordBatch) {
        precondition(other.tenant == tenant && arena.count + other.arena.count <= Int(UInt32.max))
        let base = UInt32(arena.count)
        let rows = rowCount
        arena.append(contentsOf: other.arena)
        times.append(contentsOf: other.times)
        var positions = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1.name, $0) })
        for column in other.columns {
            let position = positions[column.name] ?? columns.count
            if position == columns.count {
                positions[column.name] = position
                columns.append(Column(name: column.name, slices: [Slice](repeating: .missing, count: rows)))
            }
            columns[position].slices.append(
                contentsOf: column.slices.lazy.map { slice in
                    slice.length == 0 ? .missing : Slice(offset: slice.offset + base, length: slice.length)
                })
        }
        for index in columns.indices where columns[index].slices.count < times.count {
            let missing = times.count - columns[index].slices.count
            columns[index].slices.append(contentsOf: repeatElement(.missing, count: missing))
        }
    }

    /// The rows at these positions, in this order. The arena is shared, not copied; columns without a value in them
    /// stay. O(rows × columns).
    public func selecting(_ rows: [Int]) -> RecordBatch {
        RecordBatch(
            arena: arena, times: rows.map { times[$0] },
            columns: columns.map { column in
                Column(name: column.name, slices: rows.map { column.slices[$0] })
            }, tenant: tenant)
    }

    /// Bytes of all values, each row's time counted as 8: what the batch would take without any encoding. O(cells).
    public var valueBytes: Int {
        columns.reduce(rowCount * 8) { $0 + $1.valueBytes }
    }

    /// Bytes that the batch holds in memory, about: arena, slices and times.
    public var memoryBytes: Int { arena.count + rowCount * (columns.count * 8 + 8) }
}
