import Bytes
import Records

/// A `StringColumn` in the making: values are appended to the arena piece by piece and then ended.
struct TextBuilder {
    var arena: [UInt8] = []
    private var offsets: [UInt32] = [0]

    init(rows: Int, bytes: Int) {
        arena.reserveCapacity(bytes)
        offsets.reserveCapacity(rows + 1)
    }

    mutating func endValue() {
        precondition(arena.count <= UInt32.max)
        offsets.append(UInt32(arena.count))
    }

    var column: StringColumn { StringColumn(arena: arena, offsets: offsets) }
}

extension ColumnVector {
    /// Appends the text of one row. O(length).
    func appendValue(_ row: Int, to output: inout [UInt8]) {
        switch self {
        case .constant(let value): output.append(contentsOf: value.bytes)
        case .dictionary(let codes, let values): output.append(copying: values[Int(codes[row])])
        case .integers(let numbers): DecimalText.append(numbers[row], to: &output)
        case .strings(let column): output.append(copying: column[row])
        }
    }

    /// All `count` rows as texts. O(bytes).
    func texts(count: Int) -> StringColumn {
        if case .strings(let column) = self { return column }
        var text = TextBuilder(rows: count, bytes: count * 8)
        for row in 0..<count {
            appendValue(row, to: &text.arena)
            text.endValue()
        }
        return text.column
    }
}
