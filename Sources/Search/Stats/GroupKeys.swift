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

    init(_ keys: [StatsGroup]) { self.keys = keys }

    var count: Int { table.count }
    var memoryBytes: Int { table.memoryBytes + firstSeen.count * 8 }

    /// O(rows × keys).
    mutating func numbers(of chunk: Chunk, rows: Bitmap) throws -> GroupNumbers {
        guard !rows.isEmpty else { return GroupNumbers(perRow: nil, single: 0) }
        let first = UInt64(chunk.sequence) << 32
        if keys.isEmpty { return GroupNumbers(perRow: nil, single: insert([], firstSeen: first)) }
        var columns: [CodedColumn] = []
        for key in keys { columns.append(try GroupBuckets.coded(key, chunk, rows: rows)) }
        let tuples = CodedTuples(columns, rows: rows, rowCount: chunk.rowCount)
        guard var codes = tuples.codes else {
            let texts = zip(columns, tuples.parts(0)).map { $0.value(Int($1)) }
            return GroupNumbers(perRow: nil, single: insert(texts, firstSeen: first))
        }
        var numbers = [UInt32](repeating: .max, count: tuples.count)
        rows.visit { row in
            let code = Int(codes[row])
            if numbers[code] == .max {
                let texts = zip(columns, tuples.parts(code)).map { $0.value(Int($1)) }
                numbers[code] = UInt32(insert(texts, firstSeen: first | UInt64(row)))
            }
            codes[row] = numbers[code]
        }
        return GroupNumbers(perRow: codes, single: 0)
    }

    private mutating func insert(_ texts: [ByteString], firstSeen seen: UInt64) -> Int {
        var key: [UInt8] = []
        for text in texts { TupleKey.append(text.bytes.rawSpan, to: &key) }
        return insert(key.rawSpan, firstSeen: seen)
    }

    /// A group by its whole key.
    mutating func insert(_ key: RawSpan, firstSeen seen: UInt64) -> Int {
        let (number, isNew) = table.insert(key)
        if isNew { firstSeen.append(seen) } else { firstSeen[number] = min(firstSeen[number], seen) }
        return number
    }

    /// Takes over another's groups: the number here of each number there.
    mutating func merge(_ other: GroupKeys) -> [Int] {
        (0..<other.count).map { insert(other.table.keys[$0], firstSeen: other.firstSeen[$0]) }
    }

    /// Groups in the order in which they were first seen.
    var order: [Int] { (0..<count).sorted { (firstSeen[$0], $0) < (firstSeen[$1], $1) } }

    func values(_ group: Int) -> [ByteString] { TupleKey.parts(table.keys[group]) }
}
