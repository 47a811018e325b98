import Bytes
import Records

extension RecordBatch {
    /// Sets the same fields in every row; a column of the same name is replaced. O(fields × rows).
    mutating func addExtraFields(_ fields: [(ByteString, ByteString)]) {
        for (name, value) in fields where !name.isEmpty && name != StandardFields.time {
            let slice = Slice(offset: UInt32(arena.count), length: UInt32(value.count))
            arena.append(copying: value.bytes.rawSpan)
            set(name, [Slice](repeating: slice, count: rowCount))
        }
    }

    private mutating func set(_ name: ByteString, _ slices: [Slice]) {
        if let index = columnIndex(name) {
            columns[index].slices = slices
        } else {
            columns.append(Column(name: name, slices: slices))
        }
    }

    /// Adds the `_stream` column: `{name="value",…}` of those fields that the row has, by name; backslashes, quotes and
    /// line feeds escaped as Prometheus does in label values. Each distinct stream is written once. O(fields × rows).
    mutating func addStream(of fields: [ByteString]) {
        let names = Set(fields).sorted()
        let positions = names.map { columnIndex($0) }
        var known: [UInt64: Int] = [:]
        var slices: [Slice] = []
        slices.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            var hash: UInt64 = 0
            for position in positions {
                guard let position else { continue }
                hash = hash64(value(row: row, column: position), seed: hash &+ 1)
            }
            if let first = known[hash], sameValues(first, row, positions) {
                slices.append(slices[first])
            } else {
                known[hash] = row
                slices.append(appendStream(row: row, names: names, positions: positions))
            }
        }
        set(StandardFields.stream, slices)
    }

    private func sameValues(_ left: Int, _ right: Int, _ positions: [Int?]) -> Bool {
        for position in positions {
            guard let position else { continue }
            guard value(row: left, column: position).equals(value(row: right, column: position)) else { return false }
        }
        return true
    }

    private mutating func appendStream(row: Int, names: [ByteString], positions: [Int?]) -> Slice {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (name, position) in zip(names, positions) {
            guard let position else { continue }
            let value = value(row: row, column: position)
            guard value.byteCount > 0 else { continue }
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: name.bytes)
            text.append(UInt8(ascii: "="))
            appendQuotedLabel(value, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        let slice = Slice(offset: UInt32(arena.count), length: UInt32(text.count))
        arena.append(contentsOf: text)
        return slice
    }
}
