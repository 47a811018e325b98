import Bytes
import QueryLanguage
import Records

/// `join by (…) (query)`: each row with the fields of every row of the query's answer that agrees in the given fields.
final class JoinTransform: ChunkTransform {
    private let fields: [ByteString]
    private let isInner: Bool
    /// Names of the fields that the right side adds.
    private let added: [ByteString]
    private let table: KeyTable
    /// Rows of the right side by key.
    private let matches: [[Int32]]
    private let columns: [StringColumn]

    init(_ pipe: JoinPipe, _ results: [ResultRows]) {
        fields = pipe.fields
        isInner = pipe.isInner
        var names: [ByteString] = []
        for rows in results {
            for name in rows.names where !names.contains(name) && !pipe.fields.contains(name) { names.append(name) }
        }
        var table = KeyTable()
        var matches: [[Int32]] = []
        var columns = [StringColumn](repeating: StringColumn(), count: names.count)
        var row: Int32 = 0
        for rows in results {
            let places = names.map { rows.names.firstIndex(of: $0) }
            for index in 0..<rows.rowCount {
                var key: [UInt8] = []
                for field in pipe.fields {
                    let value = rows.value(field, row: index)
                    TupleKey.append(value.bytes.rawSpan, to: &key)
                }
                let number = table.insert(key.rawSpan).number
                if number == matches.count { matches.append([]) }
                matches[number].append(row)
                for (column, place) in places.enumerated() {
                    let value = place.map { rows.columns[$0].value(index) } ?? .empty
                    columns[column].append(value.bytes.rawSpan)
                }
                row += 1
            }
        }
        added = names.map { ByteString(pipe.prefix.bytes + $0.bytes) }
        self.table = table
        self.matches = matches
        self.columns = columns
    }

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        let keys = try fields.map { try chunk.column($0) }
        var picked: [PickedSource.Row] = []
        var partners: [Int32] = []
        var key: [UInt8] = []
        for row in 0..<chunk.rowCount {
            key.removeAll(keepingCapacity: true)
            for column in keys {
                let value = column.value(row)
                TupleKey.append(value.bytes.rawSpan, to: &key)
            }
            let found = table.number(of: key.rawSpan).map { matches[$0] } ?? (isInner ? [] : [-1])
            for partner in found {
                picked.append(PickedSource.Row(chunk: 0, row: Int32(row)))
                partners.append(partner)
            }
        }
        guard !picked.isEmpty else { return nil }
        let result = Chunk(PickedSource([chunk], rows: picked), rowCount: picked.count)
        for (name, values) in zip(added, columns) {
            try ComputedField.write(name, in: result, rows: result.rows, overwrite: OverwriteRule(skipsEmpty: true)) {
                row, output in
                if partners[row] >= 0 { output.append(copying: values[Int(partners[row])]) }
            }
        }
        return result
    }
}
