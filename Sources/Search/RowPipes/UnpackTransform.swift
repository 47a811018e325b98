import Bytes
import QueryLanguage
import Records

/// `unpack_json`, `unpack_logfmt`, `unpack_syslog`: the fields inside a text become fields of the row.
struct UnpackTransform: ChunkTransform {
    let pipe: UnpackPipe
    let condition: (any RowFilter)?
    let budget: QueryBudget
    /// The fields in a text, in order; nil if the text is of another kind and leaves the row as it is.
    let fields: @Sendable (RawSpan) -> [(name: ByteString, value: ByteString)]?

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        var rows = chunk.rows
        if let condition { try condition.narrow(&rows, of: chunk) }
        let input = try chunk.column(pipe.field)
        var names: [ByteString] = []
        var places: [ByteString: Int] = [:]
        var values: [[Int32: ByteString]] = []
        let known = Set(chunk.names)
        func take(_ name: ByteString, _ value: ByteString, _ row: Int) {
            // Nothing in a field that nothing had is no field: the words of a sentence make no columns.
            if value.isEmpty, places[name] == nil, !known.contains(name) { return }
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
            guard let found = fields(text) else { return }
            for name in asked { take(ByteString(pipe.resultPrefix.bytes + name.bytes), .empty, row) }
            for (name, value) in found where isWanted(name) {
                take(ByteString(pipe.resultPrefix.bytes + name.bytes), value, row)
            }
        }
        // Each name makes a column of the whole chunk.
        var memory = MemoryMeter(budget)
        defer { try? memory.set(0) }
        var bytes = 0
        for (name, found) in zip(names, values) {
            try budget.check()
            bytes += chunk.rowCount * 4 + found.values.reduce(0) { $0 + $1.count }
            try memory.set(bytes)
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

/// `k=v k2="v 2"`: names and values with `=` between them, divided by blanks.
enum LogfmtReader {
    private static let blank = UInt8(ascii: " ")

    /// Names without a value have the empty one. What follows a quoted value without a blank ends the reading.
    /// O(length).
    static func fields(_ text: RawSpan) -> [(name: ByteString, value: ByteString)] {
        var fields: [(ByteString, ByteString)] = []
        func add(_ name: ByteString, _ value: ByteString) {
            let name = trimmed(name)
            if name.isEmpty, value.isEmpty { return }
            fields.append((name.isEmpty ? StandardFields.message : name, value))
        }
        var at = 0
        while at < text.byteCount {
            let start = at
            while at < text.byteCount, text[at] != blank, text[at] != UInt8(ascii: "=") { at += 1 }
            let name = ByteString(text.slice(start, at - start))
            guard at < text.byteCount, text[at] == UInt8(ascii: "=") else {
                add(name, .empty)
                at += 1
                continue
            }
            at += 1
            if let (value, end) = QuotedReader.read(text, at: at) {
                add(name, ByteString(value))
                guard end < text.byteCount, text[end] == blank else { break }
                at = end + 1
                continue
            }
            let valueStart = at
            while at < text.byteCount, text[at] != blank { at += 1 }
            add(name, ByteString(text.slice(valueStart, at - valueStart)))
            at += 1
        }
        return fields
    }

    private static func trimmed(_ name: ByteString) -> ByteString {
        guard let first = name.bytes.first, let last = name.bytes.last, first <= 32 || last <= 32 else { return name }
        let front = name.bytes.drop { $0 <= 32 }
        return ByteString(Array(front.reversed().drop { $0 <= 32 }.reversed()))
    }
}
