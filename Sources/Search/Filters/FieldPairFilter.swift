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
            case .less: Self.order(leftText.rawSpan, rightText.rawSpan) < 0
            case .atMost: Self.order(leftText.rawSpan, rightText.rawSpan) <= 0
            }
        }
    }
}

extension FieldPairFilter {
    /// Numbers by value if both are, texts in byte order.
    private static func order(_ left: RawSpan, _ right: RawSpan) -> Int {
        guard let leftNumber = NumberParser.anyNumeric(left), let rightNumber = NumberParser.anyNumeric(right) else {
            return NaturalOrder.compareBytes(left, right)
        }
        return leftNumber < rightNumber ? -1 : leftNumber > rightNumber ? 1 : 0
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
