import Bytes
import QueryLanguage
import Records

/// Puts computed values into a field of a chunk.
enum ComputedField {
    /// Sets `name` in `rows` to what `compute` appends for the row; all other rows keep their value, and so do those
    /// that the rule protects. O(rows + bytes).
    static func write(
        _ name: ByteString, in chunk: Chunk, rows: Bitmap, overwrite: OverwriteRule = OverwriteRule(),
        _ compute: (Int, inout [UInt8]) throws -> Void
    ) throws {
        let original = try chunk.column(name)
        var output = StringColumn()
        output.reserve(rows: chunk.rowCount, bytes: chunk.rowCount * 8)
        var scratch: [UInt8] = []
        for row in 0..<chunk.rowCount {
            scratch.removeAll(keepingCapacity: true)
            if rows.contains(row) {
                if overwrite.keepsOriginal { original.append(row, to: &scratch) }
                if scratch.isEmpty {
                    try compute(row, &scratch)
                    if scratch.isEmpty, overwrite.skipsEmpty { original.append(row, to: &scratch) }
                }
            } else {
                original.append(row, to: &scratch)
            }
            output.append(scratch.rawSpan)
        }
        chunk.set(name, .strings(output))
    }

    /// Each value of a column through a function: once for a constant, once for each dictionary value.
    static func map(_ column: Column, rows: Bitmap, _ function: (RawSpan, inout [UInt8]) throws -> Void) rethrows
        -> Column
    {
        var scratch: [UInt8] = []
        switch column {
        case .constant(let value):
            try function(value.bytes.rawSpan, &scratch)
            return .constant(ByteString(scratch))
        case .dictionary(let codes, let values):
            return .dictionary(
                codes: codes, values: try mapTexts(values, Bitmap(count: values.count, full: true), function))
        case .strings(let texts): return .strings(try mapTexts(texts, rows, function))
        case .integers, .times:
            var output = StringColumn()
            var text: [UInt8] = []
            for row in 0..<rows.count {
                scratch.removeAll(keepingCapacity: true)
                text.removeAll(keepingCapacity: true)
                if rows.contains(row) {
                    column.append(row, to: &text)
                    try function(text.rawSpan, &scratch)
                }
                output.append(scratch.rawSpan)
            }
            return .strings(output)
        }
    }

    private static func mapTexts(
        _ texts: StringColumn, _ rows: Bitmap, _ function: (RawSpan, inout [UInt8]) throws -> Void
    ) rethrows -> StringColumn {
        var output = StringColumn()
        output.reserve(rows: texts.count, bytes: texts.arena.count)
        var scratch: [UInt8] = []
        for row in 0..<texts.count {
            scratch.removeAll(keepingCapacity: true)
            if rows.contains(row) { try function(texts[row], &scratch) }
            output.append(scratch.rawSpan)
        }
        return output
    }
}

/// A pipe that makes one field from one other: `collapse_nums`, `decolorize`, `replace`, `len`, `hash` and the like.
struct UnaryTransform: ChunkTransform {
    let source: ByteString
    let target: ByteString
    var condition: (any RowFilter)?
    let function: @Sendable (RawSpan, inout [UInt8]) -> Void

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        let input = try chunk.column(source)
        guard let condition else {
            chunk.set(target, ComputedField.map(input, rows: chunk.rows, function))
            return chunk
        }
        var rows = chunk.rows
        try condition.narrow(&rows, of: chunk)
        let mapped = ComputedField.map(input, rows: rows, function)
        try ComputedField.write(target, in: chunk, rows: rows) { row, output in mapped.append(row, to: &output) }
        return chunk
    }
}
