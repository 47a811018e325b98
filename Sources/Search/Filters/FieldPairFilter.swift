import Bytes
import Records

/// One field of a row against another.
struct FieldPairFilter: RowFilter {
    enum Relation { case equal, less, atMost }

    let left: ByteString
    let right: ByteString
    let relation: Relation

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        let left = try chunk.column(left)
        let right = try chunk.column(right)
        var leftText: [UInt8] = []
        var rightText: [UInt8] = []
        rows.filter { row in
            leftText.removeAll(keepingCapacity: true)
            rightText.removeAll(keepingCapacity: true)
            left.append(row, to: &leftText)
            right.append(row, to: &rightText)
            return switch relation {
            case .equal: leftText == rightText
            case .less: NaturalOrder.compare(leftText.rawSpan, rightText.rawSpan) < 0
            case .atMost: NaturalOrder.compare(leftText.rawSpan, rightText.rawSpan) <= 0
            }
        }
    }
}

/// `value_type(…)`: how the block holds the field.
struct ValueTypeFilter: RowFilter {
    let field: ByteString
    let type: ByteString

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        if ByteString(Self.type(of: try chunk.column(field))) != type { rows = Bitmap(count: rows.count) }
    }

    static func type(of column: Column) -> String {
        switch column {
        case .constant: "const"
        case .dictionary: "dict"
        case .strings: "string"
        case .times: "time"
        case .integers(let numbers): integerType(numbers)
        }
    }

    /// The narrowest type that holds all of the numbers.
    private static func integerType(_ numbers: [Int64]) -> String {
        guard let smallest = numbers.min(), let largest = numbers.max() else { return "uint8" }
        if smallest < 0 { return "int64" }
        if largest <= Int64(UInt8.max) { return "uint8" }
        if largest <= Int64(UInt16.max) { return "uint16" }
        return largest <= Int64(UInt32.max) ? "uint32" : "uint64"
    }
}

/// Every field in turn, for conditions on `*`.
struct AnyFieldFilter: RowFilter {
    let prefix: ByteString
    let make: @Sendable (ByteString) throws -> any RowFilter

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        var found = Bitmap(count: rows.count)
        var left = rows
        for name in chunk.names where name.bytes.starts(with: prefix.bytes) {
            var matching = left
            try make(name).narrow(&matching, of: chunk)
            found.formUnion(matching)
            left.subtract(matching)
        }
        rows = found
    }
}
