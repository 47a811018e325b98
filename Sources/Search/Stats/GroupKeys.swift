import Bytes
import QueryLanguage
import Records

/// The group of each selected row.
struct GroupNumbers {
    /// One a row, for selected rows; nil if all are in `single`.
    var perRow: [UInt32]?
    var single: Int
}

/// Gives each tuple of key values a number: once a distinct combination of codes in a chunk, not once a row.
struct GroupKeys {
    let keys: [StatsGroup]
    private(set) var table = KeyTable()
    /// Where each group was first seen, chunk then row: the order in which groups come out.
    private(set) var firstSeen: [UInt64] = []
    /// Reused, so that a key costs no allocation.
    private var scratch: (key: [UInt8], value: [UInt8]) = ([], [])

    init(_ keys: [StatsGroup]) { self.keys = keys }

    var count: Int { table.count }
    var memoryBytes: Int { table.memoryBytes + firstSeen.count * 8 }

    /// O(rows × keys).
    mutating func numbers(of chunk: Chunk, rows: Bitmap) throws -> GroupNumbers {
        guard !rows.isEmpty else { return GroupNumbers(perRow: nil, single: 0) }
        let first = UInt64(chunk.sequence) << 32
        if keys.isEmpty { return GroupNumbers(perRow: nil, single: insert([UInt8]().rawSpan, firstSeen: first)) }
        if let coded = try codedNumbers(of: chunk, rows: rows) { return coded }
        if keys.count == 1, keys[0].bucket == nil, case .strings(let texts) = try chunk.column(keys[0].field) {
            return GroupNumbers(perRow: numbers(of: texts, rows: rows, first: first), single: 0)
        }
        var columns: [CodedColumn] = []
        for key in keys { columns.append(try GroupBuckets.coded(key, chunk, rows: rows)) }
        let tuples = CodedTuples(columns, rows: rows, rowCount: chunk.rowCount)
        guard var codes = tuples.codes else {
            return GroupNumbers(perRow: nil, single: insert(columns, tuples.parts(0), firstSeen: first))
        }
        var numbers = [UInt32](repeating: .max, count: tuples.count)
        rows.visit { row in
            let code = Int(codes[row])
            if numbers[code] == .max {
                numbers[code] = UInt32(insert(columns, tuples.parts(code), firstSeen: first | UInt64(row)))
            }
            codes[row] = numbers[code]
        }
        return GroupNumbers(perRow: codes, single: 0)
    }

    /// Texts without codes go into the table as they are.
    private mutating func numbers(of texts: StringColumn, rows: Bitmap, first: UInt64) -> [UInt32] {
        var numbers = [UInt32](repeating: 0, count: texts.count)
        var key: [UInt8] = []
        rows.visit { row in
            key.removeAll(keepingCapacity: true)
            TupleKey.append(texts[row], to: &key)
            numbers[row] = UInt32(insert(key.rawSpan, firstSeen: first | UInt64(row)))
        }
        return numbers
    }

    private mutating func insert(_ columns: [CodedColumn], _ codes: [UInt32], firstSeen seen: UInt64) -> Int {
        var (key, value) = scratch
        scratch = ([], [])
        key.removeAll(keepingCapacity: true)
        for (column, code) in zip(columns, codes) {
            value.removeAll(keepingCapacity: true)
            column.append(Int(code), to: &value)
            TupleKey.append(value.rawSpan, to: &key)
        }
        let number = insert(key.rawSpan, firstSeen: seen)
        scratch = (key, value)
        return number
    }

    /// A group by its whole key.
    mutating func insert(_ key: RawSpan, firstSeen seen: UInt64) -> Int {
        let (number, isNew) = table.insert(key)
        if isNew {
            firstSeen.append(seen)
        } else if seen < firstSeen[number] {
            firstSeen[number] = seen
        }
        return number
    }

    /// Takes over another's groups: the number here of each number there.
    mutating func merge(_ other: GroupKeys, _ budget: QueryBudget) throws -> [Int] {
        let keys = other.table.keys
        var ticker = BudgetTicker(budget)
        return try (0..<keys.count).map { index in
            try ticker.tick()
            return insert(keys[index], firstSeen: other.firstSeen[index])
        }
    }

    /// Groups in the order in which they were first seen.
    var order: [Int] { (0..<count).sorted { (firstSeen[$0], $0) < (firstSeen[$1], $1) } }

    func values(_ group: Int) -> [ByteString] { TupleKey.parts(table.keys[group]) }
}
