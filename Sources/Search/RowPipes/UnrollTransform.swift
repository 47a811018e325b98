import Bytes
import QueryLanguage
import Records

/// `unroll by (a, b)`: a row for each item of the JSON arrays in the fields, side by side; shorter arrays are filled
/// up with empty values.
struct UnrollTransform: ChunkTransform {
    let fields: [ByteString]
    let condition: (any RowFilter)?

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        var rows = chunk.rows
        if let condition { try condition.narrow(&rows, of: chunk) }
        let inputs = try fields.map { try chunk.column($0) }
        var picked: [PickedSource.Row] = []
        var outputs = [StringColumn](repeating: StringColumn(), count: fields.count)
        var text: [UInt8] = []
        for row in 0..<chunk.rowCount {
            guard rows.contains(row) else {
                picked.append(PickedSource.Row(chunk: 0, row: Int32(row)))
                for (index, input) in inputs.enumerated() { outputs[index].append(input.value(row).bytes.rawSpan) }
                continue
            }
            var items: [[ByteString]] = []
            for input in inputs {
                text.removeAll(keepingCapacity: true)
                input.append(row, to: &text)
                items.append(JSONReader.arrayItems(text.rawSpan) ?? [])
            }
            let count = max(1, items.map(\.count).max() ?? 0)
            for item in 0..<count {
                picked.append(PickedSource.Row(chunk: 0, row: Int32(row)))
                for index in fields.indices {
                    let value = item < items[index].count ? items[index][item] : .empty
                    outputs[index].append(value.bytes.rawSpan)
                }
            }
        }
        let result = Chunk(PickedSource([chunk], rows: picked), rowCount: picked.count)
        for (name, output) in zip(fields, outputs) { result.set(name, .strings(output)) }
        return result
    }
}

/// `time_add d at field`.
struct TimeAddTransform: ChunkTransform {
    let nanoseconds: Int64
    let field: ByteString

    func apply(_ chunk: Chunk) throws -> Chunk? {
        if case .times(let times) = try chunk.column(field) {
            chunk.set(field, .times(times.map { $0.addingReportingOverflow(nanoseconds).partialValue }))
            return chunk
        }
        let shift = nanoseconds
        let mapped = ComputedField.map(try chunk.column(field), rows: chunk.rows) { text, output in
            if let time = NumberParser.time(text) {
                Timestamp(nanoseconds: time.addingReportingOverflow(shift).partialValue).appendRFC3339(to: &output)
            } else {
                output.append(copying: text)
            }
        }
        chunk.set(field, mapped)
        return chunk
    }
}
