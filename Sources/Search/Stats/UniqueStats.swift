import Bytes
import QueryLanguage
import Records

/// `count_uniq(f…)`, `count_uniq_hash(f…)`: distinct tuples that are not empty throughout, exact. One table over all
/// groups, whose keys begin with the group's number.
final class UniqueCountStats: StatsAccumulator {
    private let fields: [FieldPattern]
    /// 0 is none.
    private let limit: Int
    private var table = KeyTable()
    private var counts: [Int] = []

    init(fields: [FieldPattern], limit: UInt64) {
        self.fields = fields
        self.limit = Int(clamping: limit)
    }

    var memoryBytes: Int { table.memoryBytes + counts.count * 8 }

    func grow(to groups: Int) {
        if groups > counts.count { counts.append(contentsOf: repeatElement(0, count: groups - counts.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        if limit > 0, groups.perRow == nil, counts[groups.single] >= limit { return }
        var columns: [CodedColumn] = []
        // A tuple must have one form whatever fields its block has: whole names in the order of the query, their
        // missing values too; others with their names, where they have a value.
        let isFixed = !fields.isEmpty && fields.allSatisfy { !$0.isPrefix }
        let names = isFixed ? fields.map(\.name) : StatsFields.names(fields, in: chunk).sorted()
        for name in names { columns.append(CodedColumn(try chunk.column(name), rows: rows)) }
        let tuples = CodedTuples(columns, rows: rows, rowCount: chunk.rowCount)
        // One tuple at most a group and code: what has been seen in this chunk is not hashed again.
        var seen = SeenPairs(groups: counts.count, codes: tuples.count)
        var key: [UInt8] = []
        groups.forEach(rows) { row, group in
            let code = tuples.codes.map { Int($0[row]) } ?? 0
            guard seen.insert(group, code) else { return }
            key.removeAll(keepingCapacity: true)
            appendGroup(group, to: &key)
            var isEmpty = true
            for (index, part) in tuples.parts(code).enumerated() {
                let value = columns[index].value(Int(part))
                if !value.isEmpty { isEmpty = false }
                if !isFixed {
                    if value.isEmpty { continue }
                    let name = names[index]
                    TupleKey.append(name.bytes.rawSpan, to: &key)
                }
                TupleKey.append(value.bytes.rawSpan, to: &key)
            }
            if !isEmpty { take(key.rawSpan, in: group) }
        }
    }

    private func take(_ key: RawSpan, in group: Int) {
        if limit > 0, counts[group] >= limit { return }
        if table.insert(key).isNew { counts[group] += 1 }
    }

    private func appendGroup(_ group: Int, to key: inout [UInt8]) {
        for shift in [0, 8, 16, 24] { key.append(UInt8(truncatingIfNeeded: group >> shift)) }
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? UniqueCountStats else { return }
        var key: [UInt8] = []
        let keys = other.table.keys
        for index in 0..<keys.count {
            let theirs = keys[index]
            let group = map[Int(theirs.loadUInt32(at: 0))]
            key.removeAll(keepingCapacity: true)
            appendGroup(group, to: &key)
            key.append(copying: theirs.slice(4, theirs.byteCount - 4))
            take(key.rawSpan, in: group)
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) { NumberText.append(Int64(counts[group]), to: &output) }
}

/// Pairs of group and code that occurred in a chunk.
struct SeenPairs {
    private var bits: Bitmap?
    private var table = IntegerTable()
    private let codes: Int

    init(groups: Int, codes: Int) {
        self.codes = codes
        let (product, overflow) = groups.multipliedReportingOverflow(by: codes)
        if !overflow, product <= 1 << 22 { bits = Bitmap(count: max(product, 1)) }
    }

    /// Whether the pair is new.
    @inline(__always)
    mutating func insert(_ group: Int, _ code: Int) -> Bool {
        if bits != nil {
            let place = group &* codes &+ code
            if bits?.contains(place) == true { return false }
            bits?.insert(place)
            return true
        }
        let before = table.count
        _ = table.number(of: UInt64(group) << 32 | UInt64(code))
        return table.count > before
    }
}

/// `uniq_values(f…)`: distinct non-empty values of all the fields together, sorted, as a JSON array; with a limit, the
/// first ones in that order.
final class UniqueValuesStats: StatsAccumulator {
    private let fields: [FieldPattern]
    /// 0 is none.
    private let limit: Int
    private var tables: [KeyTable?] = []
    private var bytes = 0

    init(fields: [FieldPattern], limit: UInt64) {
        self.fields = fields
        self.limit = Int(clamping: limit)
    }

    var memoryBytes: Int { bytes }

    func grow(to groups: Int) {
        if groups > tables.count { tables.append(contentsOf: repeatElement(nil, count: groups - tables.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        for name in StatsFields.names(fields, in: chunk) {
            let coded = CodedColumn(try chunk.column(name), rows: rows)
            var seen = SeenPairs(groups: tables.count, codes: coded.count)
            groups.forEach(rows) { row, group in
                let code = coded.codes.map { Int($0[row]) } ?? 0
                if seen.insert(group, code) { take(coded.value(code).bytes.rawSpan, in: group) }
            }
        }
    }

    private func take(_ value: RawSpan, in group: Int) {
        guard value.byteCount > 0 else { return }
        var table = tables[group] ?? KeyTable()
        tables[group] = nil
        if table.insert(value).isNew { bytes += value.byteCount + 24 }
        // Beyond twice the limit, and some, the values that cannot be among the first any more are dropped.
        tables[group] = limit > 0 && table.count / 2 > limit + 64 ? trimmed(table) : table
    }

    private func trimmed(_ table: KeyTable) -> KeyTable {
        let keys = table.keys
        for index in 0..<keys.count { bytes -= keys.length(index) + 24 }
        var trimmed = KeyTable()
        for index in NaturalOrder.sorted(keys).prefix(limit) {
            _ = trimmed.insert(keys[index])
            bytes += keys.length(index) + 24
        }
        return trimmed
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? UniqueValuesStats else { return }
        for (group, table) in other.tables.enumerated() {
            guard let table else { continue }
            for index in 0..<table.count { take(table.keys[index], in: map[group]) }
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        let keys = tables[group]?.keys ?? StringColumn()
        let sorted = NaturalOrder.sorted(keys)
        output.append(UInt8(ascii: "["))
        for (position, index) in sorted.prefix(limit > 0 ? limit : .max).enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.appendPageSafeString(keys[index], to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
