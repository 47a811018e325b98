import Bytes
import QueryLanguage
import Records

/// `value_type(…)`: as what LogsQL's own storage would hold a field of these rows.
struct ValueTypeFilter: RowFilter {
    let field: ByteString
    let type: ByteString

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        let column = try chunk.column(field)
        let found = field == StandardFields.time ? "time" : Self.type(of: column, rowCount: chunk.rowCount)
        if ByteString(found) != type { rows = Bitmap(count: rows.count) }
    }

    /// One value is `const`, up to eight short ones are `dict`, the rest are the narrowest of the numbers, addresses
    /// and times that all values print back from, or else `string`. O(rows).
    static func type(of column: Column, rowCount: Int) -> String {
        if case .constant = column { return "const" }
        if case .times = column { return "time" }
        var distinct: Set<ByteString> = []
        var shape = ValueShape()
        for row in 0..<rowCount {
            let value = column.value(row)
            if distinct.count <= 8 { distinct.insert(value) }
            shape.add(value)
        }
        if distinct.count <= 1 { return "const" }
        if distinct.count <= 8, distinct.reduce(0, { $0 + $1.count }) <= 256 { return "dict" }
        return shape.name
    }
}

/// What a number of values have in common.
private struct ValueShape {
    private var isUnsigned = true
    private var isSigned = true
    private var isDecimal = true
    private var isAddress = true
    private var isTime = true
    private var largest: UInt64 = 0

    mutating func add(_ value: ByteString) {
        let text = value.bytes.rawSpan
        let integer = NumberParser.canonicalInteger(text)
        let unsigned = integer.flatMap { UInt64(exactly: $0) } ?? Self.large(value)
        isSigned = isSigned && integer != nil
        isUnsigned = isUnsigned && unsigned != nil
        largest = max(largest, unsigned ?? 0)
        isDecimal = isDecimal && Self.isDecimal(value)
        isAddress = isAddress && NumberParser.ipv4(text) != nil
        isTime = isTime && value.count == 24 && value.bytes[23] == UInt8(ascii: "Z") && NumberParser.time(text) != nil
    }

    /// An integer beyond what is signed.
    private static func large(_ value: ByteString) -> UInt64? {
        guard value.count >= 19, let number = UInt64(value.string), "\(number)" == value.string else { return nil }
        return number
    }

    /// A decimal whose digits a double prints back.
    private static func isDecimal(_ value: ByteString) -> Bool {
        guard value.bytes.allSatisfy({ $0 &- 48 < 10 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }),
            let number = NumberParser.plain(value.bytes.rawSpan)
        else { return false }
        return NumberText.text(number) == value
    }

    var name: String {
        if isUnsigned {
            if largest <= UInt64(UInt8.max) { return "uint8" }
            if largest <= UInt64(UInt16.max) { return "uint16" }
            return largest <= UInt64(UInt32.max) ? "uint32" : "uint64"
        }
        if isSigned { return "int64" }
        if isDecimal { return "float64" }
        if isAddress { return "ipv4" }
        return isTime ? "iso8601" : "string"
    }
}
