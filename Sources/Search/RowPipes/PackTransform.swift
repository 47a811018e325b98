import Bytes
import QueryLanguage
import Records

/// `pack_json`, `pack_logfmt`: fields of a row as one text.
struct PackTransform: ChunkTransform {
    enum Form { case json, logfmt }

    let form: Form
    let fields: [FieldPattern]
    let result: ByteString

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        let columns = try StatsFields.names(fields, in: chunk).map { ($0, try chunk.column($0)) }
        try ComputedField.write(result, in: chunk, rows: chunk.rows) { row, output in
            switch form {
            case .json: RowJSON.append(row, columns, to: &output)
            case .logfmt: Self.appendLogfmt(row, columns, to: &output)
            }
        }
        return chunk
    }

    private static func appendLogfmt(_ row: Int, _ columns: [(ByteString, Column)], to output: inout [UInt8]) {
        var isFirst = true
        for (name, column) in columns {
            var value: [UInt8] = []
            column.append(row, to: &value)
            if value.isEmpty { continue }
            if !isFirst { output.append(32) }
            isFirst = false
            output.append(contentsOf: name.bytes)
            output.append(UInt8(ascii: "="))
            let needsQuotes = value.contains { $0 <= 32 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
            if needsQuotes {
                JSONText.appendPageSafeString(value.rawSpan, to: &output)
            } else {
                output.append(contentsOf: value)
            }
        }
    }
}
