import Bytes

/// The values of one field over the rows of one block, decoded as far as it pays. A missing field is the empty value,
/// as LogsQL has it.
public enum ColumnVector: Sendable {
    /// The same value in every row; the empty value where the field is missing throughout.
    case constant(ByteString)
    /// `values[codes[row]]`; the values are distinct. Work on codes wherever that is possible.
    case dictionary(codes: [UInt32], values: StringColumn)
    /// Integers whose text is their canonical decimal form.
    case integers([Int64])
    /// One text a row.
    case strings(StringColumn)

    public static let missing = ColumnVector.constant(.empty)

    /// Value `row` as text, copied: for results, not for scans.
    public func value(_ row: Int) -> ByteString {
        switch self {
        case .constant(let value): value
        case .dictionary(let codes, let values): values.value(Int(codes[row]))
        case .integers(let numbers): ByteString(String(numbers[row]))
        case .strings(let column): column.value(row)
        }
    }
}

/// A run of records as a query sees it: rows in memory, a commit group, or one block of a sealed segment.
///
/// A block answers from its header first: names, time range and `mayContain` read no column data.
public protocol ColumnBlock: Sendable {
    /// At least 1.
    var rowCount: Int { get }
    /// Nanoseconds since the epoch, of the earliest and latest row.
    var timeRange: ClosedRange<Int64> { get }
    /// The fields that at least one row has, `_time` not among them, in the order of their first appearance.
    var columnNames: [ByteString] { get }

    /// The time of every row, in nanoseconds since the epoch; in a sealed segment ascending, elsewhere in arrival
    /// order.
    func times() throws -> [Int64]
    /// The times of some rows (ascending, each below `rowCount`): cheaper than `times()` where few of many are wanted.
    func times(rows: [Int]) throws -> [Int64]
    /// The values of a field; `.missing` if the block does not have it. `_time` is not a column: ask `times()`.
    func column(_ name: ByteString) throws -> ColumnVector
    /// The values of some rows (ascending, each below `rowCount`), one each in their order: cheaper than `column(_:)`
    /// where few of many rows are wanted.
    func column(_ name: ByteString, rows: [Int]) throws -> ColumnVector
    /// Fields whose values are looked up as identifiers here; those that are named like one are, whether or not they
    /// are among them.
    var identifierColumns: [ByteString] { get }
    /// The rows that have `id` as the value of any ID-like field, ascending; nil where the block cannot tell without a
    /// scan of its columns.
    func rows(withIdentifier id: ByteString) throws -> [Int]?
    /// False only if no row's `field` holds `word` as a whole word (a run of letters, digits and `_`); true when
    /// unknown.
    func mayContain(word: ByteString, in field: ByteString) -> Bool
    /// False only if no row has `id` as the value of any ID-like field (see `IdentifierField`); true when unknown.
    func mayContain(identifier id: ByteString) -> Bool
    /// Smallest and largest value of a field whose every value is an integer in this block; nil when unknown.
    func integerRange(of field: ByteString) -> ClosedRange<Int64>?
}

extension ColumnBlock {
    public func times(rows: [Int]) throws -> [Int64] {
        let all = try times()
        return rows.map { all[$0] }
    }

    public func column(_ name: ByteString, rows: [Int]) throws -> ColumnVector {
        let vector = try column(name)
        return .strings(StringColumn(rows.map { vector.value($0) }))
    }

    public var identifierColumns: [ByteString] { [] }
    public func rows(withIdentifier id: ByteString) throws -> [Int]? { nil }
    public func mayContain(word: ByteString, in field: ByteString) -> Bool { true }
    public func mayContain(identifier id: ByteString) -> Bool { true }
    public func integerRange(of field: ByteString) -> ClosedRange<Int64>? { nil }

    /// The same for any block: what cannot tell is scanned, in the fields that are named like an ID. O(rows × such
    /// fields).
    public func findRows(withIdentifier id: ByteString) throws -> [Int] {
        if let rows = try rows(withIdentifier: id) { return rows }
        let folded = IdentifierField.normalized(id)
        var found: Set<Int> = []
        for name in columnNames where IdentifierField.isNamedLikeOne(name) {
            let vector = try column(name)
            for row in 0..<rowCount where IdentifierField.normalized(vector.value(row)) == folded { found.insert(row) }
        }
        return found.sorted()
    }
}
