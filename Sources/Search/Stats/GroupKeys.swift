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

extension GroupKeys {
    /// How many selected rows of the chunk are in each group, in one pass where the keys are codes: for counts alone.
    mutating func histogram(of chunk: Chunk, rows: Bitmap) throws -> [(group: Int, count: Int)] {
        guard rows.isFull, !keys.isEmpty, keys.count <= 2, let columns = try plainCodes(chunk) else {
            return try slowHistogram(chunk, rows)
        }
        let width = columns.count == 2 ? columns[1].values.count : 1
        guard columns[0].values.count * width <= 8_192 else { return try slowHistogram(chunk, rows) }
        var counts = [UInt32](repeating: 0, count: columns[0].values.count * width)
        let first = columns[0].codes
        if columns.count == 2 {
            let second = columns[1].codes
            for row in first.indices { counts[Int(first[row]) &* width &+ Int(second[row])] &+= 1 }
        } else {
            for code in first { counts[Int(code)] &+= 1 }
        }
        return groups(of: counts, columns, width: width, first: UInt64(chunk.sequence) << 32)
    }

    private func plainCodes(_ chunk: Chunk) throws -> [(codes: [UInt32], values: StringColumn)]? {
        var columns: [(codes: [UInt32], values: StringColumn)] = []
        for key in keys {
            guard key.bucket == nil, case .dictionary(let codes, let values) = try chunk.column(key.field) else {
                return nil
            }
            columns.append((codes, values))
        }
        return columns
    }

    private mutating func slowHistogram(_ chunk: Chunk, _ rows: Bitmap) throws -> [(group: Int, count: Int)] {
        let numbers = try numbers(of: chunk, rows: rows)
        guard let perRow = numbers.perRow else { return [(numbers.single, rows.setCount)] }
        var counts = [Int](repeating: 0, count: count)
        rows.visit { counts[Int(perRow[$0])] &+= 1 }
        return counts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
    }

    /// Finds the first row of each place that occurs, for the order of the groups; mostly near the beginning.
    private mutating func groups(
        of counts: [UInt32], _ columns: [(codes: [UInt32], values: StringColumn)], width: Int, first: UInt64
    ) -> [(group: Int, count: Int)] {
        var left = counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
        var seen = Bitmap(count: counts.count)
        var groups: [(group: Int, count: Int)] = []
        var key: [UInt8] = []
        var row = 0
        while left > 0 {
            let code = Int(columns[0].codes[row])
            let other = columns.count == 2 ? Int(columns[1].codes[row]) : 0
            let place = code &* width &+ other
            if !seen.contains(place) {
                seen.insert(place)
                left -= 1
                key.removeAll(keepingCapacity: true)
                let values = columns[0].values
                TupleKey.append(values[code], to: &key)
                if columns.count == 2 {
                    let others = columns[1].values
                    TupleKey.append(others[other], to: &key)
                }
                groups.append((insert(key.rawSpan, firstSeen: first | UInt64(row)), Int(counts[place])))
            }
            row += 1
        }
        return groups
    }
}
