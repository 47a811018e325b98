import Bytes
import Records

/// One field over the rows of a chunk. What a block's `ColumnVector` is, plus times, which become text only on the
/// way out.
enum Column: Sendable {
    /// The same value in every row.
    case constant(ByteString)
    /// `values[codes[row]]`; the values of a block are distinct, those of a computed column need not be.
    case dictionary(codes: [UInt32], values: StringColumn)
    /// Integers whose text is their canonical decimal form.
    case integers([Int64])
    /// One text a row.
    case strings(StringColumn)
    /// Nanoseconds since the epoch, shown as RFC 3339.
    case times([Int64])

    static let missing = Column.constant(.empty)

    init(_ vector: ColumnVector) {
        switch vector {
        case .constant(let value): self = .constant(value)
        case .dictionary(let codes, let values): self = .dictionary(codes: codes, values: values)
        case .integers(let numbers): self = .integers(numbers)
        case .strings(let values): self = .strings(values)
        }
    }

    /// Whether every row has the empty value.
    var isMissing: Bool {
        if case .constant(let value) = self { return value.isEmpty }
        return false
    }

    /// The value of a row as text, copied.
    func value(_ row: Int) -> ByteString {
        switch self {
        case .constant(let value): return value
        case .dictionary(let codes, let values): return values.value(Int(codes[row]))
        case .strings(let column): return column.value(row)
        case .integers, .times:
            var bytes: [UInt8] = []
            append(row, to: &bytes)
            return ByteString(bytes)
        }
    }

    /// Appends the text of a row.
    func append(_ row: Int, to output: inout [UInt8]) {
        switch self {
        case .constant(let value): output.append(contentsOf: value.bytes)
        case .dictionary(let codes, let values): output.append(copying: values[Int(codes[row])])
        case .strings(let column): output.append(copying: column[row])
        case .integers(let numbers): NumberText.append(numbers[row], to: &output)
        case .times(let times): Timestamp(nanoseconds: times[row]).appendRFC3339(to: &output)
        }
    }

    /// Calls `body` with the text of each selected row, not copied where it exists. O(rows + bytes).
    @inline(__always)
    func forEach(_ rows: Bitmap, _ body: (Int, RawSpan) throws -> Void) rethrows {
        switch self {
        case .constant(let value):
            let span = value.bytes.rawSpan
            try rows.visit { try body($0, span) }
        case .dictionary(let codes, let values): try rows.visit { try body($0, values[Int(codes[$0])]) }
        case .strings(let column): try rows.visit { try body($0, column[$0]) }
        case .integers, .times:
            var scratch: [UInt8] = []
            try rows.visit { row in
                scratch.removeAll(keepingCapacity: true)
                append(row, to: &scratch)
                try body(row, scratch.rawSpan)
            }
        }
    }

    /// The given rows, in the given order, as a column of their own. O(rows + bytes).
    func gather(_ rows: [Int32]) -> Column {
        switch self {
        case .constant: return self
        case .dictionary(let codes, let values):
            return .dictionary(codes: rows.map { codes[Int($0)] }, values: values)
        case .integers(let numbers): return .integers(rows.map { numbers[Int($0)] })
        case .times(let times): return .times(rows.map { times[Int($0)] })
        case .strings(let column):
            var output = StringColumn()
            var bytes = 0
            for row in rows { bytes += column.length(Int(row)) }
            output.reserve(rows: rows.count, bytes: bytes)
            for row in rows { output.append(column[Int(row)]) }
            return .strings(output)
        }
    }

    /// The selected rows as texts. O(rows + bytes).
    func texts(_ rows: Bitmap) -> StringColumn {
        if case .strings(let column) = self, rows.isFull { return column }
        var output = StringColumn()
        output.reserve(rows: rows.setCount, bytes: rows.setCount * 8)
        forEach(rows) { _, value in output.append(value) }
        return output
    }

    /// Bytes held, roughly.
    var memoryBytes: Int {
        switch self {
        case .constant(let value): value.count
        case .dictionary(let codes, let values): codes.count * 4 + values.arena.count + values.count * 4
        case .integers(let numbers), .times(let numbers): numbers.count * 8
        case .strings(let column): column.arena.count + column.count * 4
        }
    }
}
