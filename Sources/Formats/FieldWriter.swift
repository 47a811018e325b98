import Bytes
import Records

/// Writes rows as JSON lines. The names are escaped once; a missing value leaves its field out.
///
///     var writer = FieldWriter(names: ["_time", "_msg"])
///     writer.beginRow(to: &output)
///     writer.append(field: 0, value.bytes.rawSpan, to: &output)
///     writer.endRow(to: &output)
public struct FieldWriter: Sendable {
    /// `"name":` of each field.
    private let keys: [[UInt8]]
    private var isFirst = true

    public init(names: [ByteString]) {
        keys = names.map { name in
            var key: [UInt8] = []
            appendJSONString(name.bytes.rawSpan, to: &key)
            key.append(.colon)
            return key
        }
    }

    public mutating func beginRow(to output: inout [UInt8]) {
        output.append(.openBrace)
        isFirst = true
    }

    /// Appends one field as a string; nothing for the empty value. O(length).
    public mutating func append(field: Int, _ value: RawSpan, to output: inout [UInt8]) {
        guard value.byteCount > 0 else { return }
        appendKey(field, to: &output)
        appendJSONString(value, to: &output)
    }

    /// Appends a time as RFC 3339 in UTC. O(1).
    public mutating func append(field: Int, time: Int64, to output: inout [UInt8]) {
        appendKey(field, to: &output)
        output.append(.quote)
        Timestamp(nanoseconds: time).appendRFC3339(to: &output)
        output.append(.quote)
    }

    private mutating func appendKey(_ field: Int, to output: inout [UInt8]) {
        if !isFirst { output.append(.comma) }
        isFirst = false
        output.append(contentsOf: keys[field])
    }

    public func endRow(to output: inout [UInt8]) {
        output.append(.closeBrace)
        output.append(.lineFeed)
    }
}

extension FieldWriter {
    /// Appends all rows of a batch as JSON lines, `_time` first. O(cells + bytes).
    public static func append(_ batch: RecordBatch, to output: inout [UInt8]) {
        var writer = FieldWriter(names: [StandardFields.time] + batch.columns.map(\.name))
        for row in 0..<batch.rowCount {
            writer.beginRow(to: &output)
            writer.append(field: 0, time: batch.times[row], to: &output)
            for column in batch.columns.indices {
                writer.append(field: column + 1, batch.value(row: row, column: column), to: &output)
            }
            writer.endRow(to: &output)
        }
    }
}
