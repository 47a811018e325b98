import Bytes
import Records

/// A column as values to sort by: keys made once a shared value, and only when asked for where there is one text a row.
struct SortColumn {
    private enum Form { case constant, coded, integers, times, strings }

    private let form: Form
    /// Keys of the constant or the shared values.
    private var keys: [OrderKey] = []
    private var codes: [UInt32] = []
    private var texts = StringColumn()
    private var numbers: [Int64] = []

    /// `rowCount` rows at most will be asked for.
    init(_ column: Column, rowCount: Int) {
        switch column {
        case .constant(let value):
            form = .constant
            keys = [OrderKey(value.bytes.rawSpan)]
            texts = StringColumn([value])
        case .dictionary(let codes, let values):
            form = .coded
            self.codes = codes
            texts = values
            if values.count <= rowCount { keys = (0..<values.count).map { OrderKey(values[$0]) } }
        case .integers(let numbers):
            form = .integers
            self.numbers = numbers
        case .times(let times):
            form = .times
            numbers = times
        case .strings(let texts):
            form = .strings
            self.texts = texts
        }
    }

    /// Calls `body` with the key of a row and its value, which is empty where the key does not need it.
    @inline(__always)
    func with<Result>(_ row: Int, _ body: (OrderKey, RawSpan) throws -> Result) rethrows -> Result {
        switch form {
        case .strings: return try body(OrderKey(texts[row]), texts[row])
        case .coded:
            let code = Int(codes[row])
            return try body(keys.isEmpty ? OrderKey(texts[code]) : keys[code], texts[code])
        case .constant: return try body(keys[0], texts[0])
        case .integers: return try body(OrderKey(integer: numbers[row]), texts.arena.rawSpan.slice(0, 0))
        case .times: return try body(OrderKey(time: numbers[row]), texts.arena.rawSpan.slice(0, 0))
        }
    }

    /// Negative, zero or positive: a row's value and an entry of a list. O(1), of texts that begin alike O(length).
    @inline(__always)
    func compare(_ row: Int, _ list: borrowing OrderKeyList, _ index: Int) -> Int {
        with(row) { OrderKey.compare($0, $1, list.key(index), list.value(index)) }
    }

    /// Keeps the rows that do not come after an entry, where that is cheaper for many at once than for one at a time;
    /// those that are equal only if told.
    func narrow(_ rows: inout Bitmap, notAfter index: Int, of list: OrderKeyList, isDescending: Bool, keepsEqual: Bool)
    {
        let worst = list.key(index)
        func isWanted(_ key: OrderKey, _ value: RawSpan) -> Bool {
            let order = OrderKey.compare(key, value, worst, list.value(index))
            return order == 0 ? keepsEqual : (order < 0) != isDescending
        }
        switch form {
        case .constant: if !isWanted(keys[0], texts[0]) { rows = Bitmap(count: rows.count) }
        case .coded where !keys.isEmpty:
            let wanted = keys.indices.map { isWanted(keys[$0], texts[$0]) }
            if wanted.contains(true) {
                rows.filter { wanted[Int(codes[$0])] }
            } else {
                rows = Bitmap(count: rows.count)
            }
        case .integers where worst.kind == .number && worst.isInteger, .times where worst.kind == .time:
            let (bound, isOver) =
                keepsEqual ? (worst.exact, false) : worst.exact.addingReportingOverflow(isDescending ? 1 : -1)
            if isOver {
                rows = Bitmap(count: rows.count)
            } else if isDescending {
                rows.filter { numbers[$0] >= bound }
            } else {
                rows.filter { numbers[$0] <= bound }
            }
        case .coded, .integers, .times, .strings: break
        }
    }
}
