import Bytes
import Records

/// Rows of an answer as columns of text.
public struct ResultRows: Sendable {
    public var names: [ByteString]
    /// One a name, `rowCount` values each. The empty value means that the row lacks the field.
    public var columns: [StringColumn]
    public var rowCount: Int

    public init(names: [ByteString], columns: [StringColumn], rowCount: Int) {
        precondition(names.count == columns.count && columns.allSatisfy { $0.count == rowCount })
        self.names = names
        self.columns = columns
        self.rowCount = rowCount
    }

    /// The selected rows of a chunk. O(cells + bytes).
    init(_ chunk: Chunk) throws {
        let rows = chunk.rows
        names = []
        columns = []
        let picked = rows.rows
        rowCount = picked.count
        for name in chunk.names {
            let few = picked.count * 4 < chunk.rowCount
            let column = few ? try chunk.gather(name, picked) : try chunk.column(name)
            if column.isMissing { continue }
            names.append(name)
            columns.append(column.texts(few ? Bitmap(count: rowCount, full: true) : rows))
        }
    }

    /// Bytes held, roughly.
    var memoryBytes: Int { columns.reduce(0) { $0 + $1.arena.count + $1.offsets.count * 4 } }

    /// The value of a field in a row, empty if there is none. O(names).
    public func value(_ name: ByteString, row: Int) -> ByteString {
        names.firstIndex(of: name).map { columns[$0].value(row) } ?? .empty
    }

    /// Appends a row as a JSON object of the fields that it has, and a line feed. O(fields + bytes).
    public func appendNDJSON(row: Int, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (name, column) in zip(names, columns) where column.length(row) > 0 {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendString(name.bytes.rawSpan, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONText.appendString(column[row], to: &output)
        }
        output.append(UInt8(ascii: "}"))
        output.append(UInt8(ascii: "\n"))
    }

    /// All rows, a line each. `skippingEmpty`: rows without any value are left out, as LogsQL's servers do.
    public func appendNDJSON(to output: inout [UInt8], skippingEmpty: Bool = false) {
        for row in 0..<rowCount {
            if skippingEmpty, isEmpty(row) { continue }
            appendNDJSON(row: row, to: &output)
        }
    }

    /// Whether a row has no value at all. O(names).
    public func isEmpty(_ row: Int) -> Bool { columns.allSatisfy { $0.length(row) == 0 } }
}
