import Bytes
import QueryLanguage
import Records

/// `unpack_json`, `unpack_logfmt`, `unpack_syslog`: the fields inside a text become fields of the row.
struct UnpackTransform: ChunkTransform {
    let pipe: UnpackPipe
    let condition: (any RowFilter)?
    /// The fields in a text, in order.
    let fields: @Sendable (RawSpan) -> [(name: ByteString, value: ByteString)]

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        var rows = chunk.rows
        if let condition { try condition.narrow(&rows, of: chunk) }
        let input = try chunk.column(pipe.field)
        var names: [ByteString] = []
        var places: [ByteString: Int] = [:]
        var values: [[Int32: ByteString]] = []
        func take(_ name: ByteString, _ value: ByteString, _ row: Int) {
            let place = places[name] ?? names.count
            if place == names.count {
                places[name] = place
                names.append(name)
                values.append([:])
            }
            values[place][Int32(row)] = value
        }
        // Fields that are asked for by name are set, to nothing, where the text does not have them.
        let asked = pipe.fields.filter { !$0.isPrefix }.map(\.name)
        input.forEach(rows) { row, text in
            for name in asked { take(ByteString(pipe.resultPrefix.bytes + name.bytes), .empty, row) }
            for (name, value) in fields(text) where isWanted(name) {
                take(ByteString(pipe.resultPrefix.bytes + name.bytes), value, row)
            }
        }
        for (name, found) in zip(names, values) {
            var touched = Bitmap(count: chunk.rowCount)
            for row in found.keys { touched.insert(Int(row)) }
            try ComputedField.write(name, in: chunk, rows: touched, overwrite: pipe.overwrite) { row, output in
                output.append(contentsOf: found[Int32(row)]?.bytes ?? [])
            }
        }
        return chunk
    }

    private func isWanted(_ name: ByteString) -> Bool {
        pipe.fields.isEmpty || pipe.fields.contains { $0.matches(name) }
    }
}

/// `k=v k2="v 2"`.
enum LogfmtReader {
    static func fields(_ text: RawSpan) -> [(name: ByteString, value: ByteString)] {
        var fields: [(ByteString, ByteString)] = []
        var at = 0
        while at < text.byteCount {
            while at < text.byteCount, text[at] <= 32 { at += 1 }
            let start = at
            while at < text.byteCount, text[at] > 32, text[at] != UInt8(ascii: "=") { at += 1 }
            let name = ByteString(text.slice(start, at - start))
            guard at < text.byteCount, text[at] == UInt8(ascii: "=") else {
                if !name.isEmpty { fields.append((name, .empty)) }
                continue
            }
            at += 1
            if let (value, end) = JSONText.string(text, at: at) {
                fields.append((name, ByteString(value)))
                at = end
                continue
            }
            let valueStart = at
            while at < text.byteCount, text[at] > 32 { at += 1 }
            fields.append((name, ByteString(text.slice(valueStart, at - valueStart))))
        }
        return fields
    }
}
