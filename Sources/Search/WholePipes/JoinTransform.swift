import Bytes
import QueryLanguage
import Records

/// `join by (…) (query)`: each row with the fields of every row of the query's answer that agrees in the given fields.
/// A field that the row itself has keeps its value.
final class JoinTransform: ChunkTransform {
    private let fields: [ByteString]
    private let isInner: Bool
    private let right: JoinTable
    private let budget: QueryBudget

    /// Reads the whole answer of the right side; what it holds is charged to the budget.
    init(_ pipe: JoinPipe, _ results: [ResultRows], budget: QueryBudget) throws {
        fields = pipe.fields
        isInner = pipe.isInner
        right = try JoinTable(pipe, results, budget)
        self.budget = budget
    }

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        let keys = try fields.map { try chunk.column($0) }
        var picked: [PickedSource.Row] = []
        var partners: [Int32] = []
        var memory = MemoryMeter(budget)
        var ticker = BudgetTicker(budget)
        var key: [UInt8] = []
        for row in 0..<chunk.rowCount {
            key.removeAll(keepingCapacity: true)
            for column in keys {
                let value = column.value(row)
                TupleKey.append(value.bytes.rawSpan, to: &key)
            }
            var partner = right.first(key.rawSpan)
            if partner < 0, isInner { continue }
            repeat {
                try ticker.tick()
                picked.append(PickedSource.Row(chunk: 0, row: Int32(row)))
                partners.append(partner)
                partner = partner < 0 ? -1 : right.following(partner)
            } while partner >= 0
            try memory.set(picked.count * 12)
        }
        guard !picked.isEmpty else { return nil }
        let result = Chunk(PickedSource([chunk], rows: picked, budget: budget), rowCount: picked.count)
        try add(to: result, partners, held: picked.count * 12, &memory)
        // The rows go on, mostly to be written out at once: what later pipes keep they charge themselves.
        try memory.set(0)
        return result
    }

    /// Writes the right side's fields. A charge a column, before it is made.
    private func add(to result: Chunk, _ partners: [Int32], held: Int, _ memory: inout MemoryMeter) throws {
        var held = held
        for (name, values) in zip(right.names, right.columns) {
            held += try bytes(of: values, partners)
            try memory.set(held)
            let overwrite = OverwriteRule(keepsOriginal: true)
            try ComputedField.write(name, in: result, rows: result.rows, overwrite: overwrite) { row, output in
                if partners[row] >= 0 { output.append(copying: values[Int(partners[row])]) }
            }
        }
    }

    private func bytes(of values: StringColumn, _ partners: [Int32]) throws -> Int {
        try budget.check()
        return partners.reduce(partners.count * 4) { $0 + ($1 >= 0 ? values.length(Int($1)) : 0) }
    }
}

/// The right side of a join: its rows in columns, and those of one key in a chain.
private struct JoinTable {
    /// Names of the fields that the right side adds, and their values.
    private(set) var names: [ByteString] = []
    private(set) var columns: [StringColumn]
    private var keys = KeyTable()
    /// The first and the last row of each key.
    private var firsts: [Int32] = []
    private var lasts: [Int32] = []
    /// The next row with the same key, -1 at the end.
    private var next: [Int32] = []

    init(_ pipe: JoinPipe, _ results: [ResultRows], _ budget: QueryBudget) throws {
        var own: [ByteString] = []
        for rows in results {
            for name in rows.names where !own.contains(name) && !pipe.fields.contains(name) { own.append(name) }
        }
        columns = [StringColumn](repeating: StringColumn(), count: own.count)
        names = own.map { ByteString(pipe.prefix.bytes + $0.bytes) }
        var memory = MemoryMeter(budget)
        for rows in results {
            try budget.check()
            append(rows, own, pipe.fields)
            let texts = columns.reduce(0) { $0 + $1.arena.count + $1.offsets.count * 4 }
            try memory.set(texts + keys.memoryBytes + firsts.count * 8 + next.count * 4)
        }
    }

    private mutating func append(_ rows: ResultRows, _ own: [ByteString], _ fields: [ByteString]) {
        let places = own.map { rows.names.firstIndex(of: $0) }
        let keyPlaces = fields.map { rows.names.firstIndex(of: $0) }
        var key: [UInt8] = []
        for index in 0..<rows.rowCount {
            key.removeAll(keepingCapacity: true)
            for place in keyPlaces {
                let value = place.map { rows.columns[$0].value(index) } ?? .empty
                TupleKey.append(value.bytes.rawSpan, to: &key)
            }
            let (number, isNew) = keys.insert(key.rawSpan)
            let row = Int32(next.count)
            next.append(-1)
            if isNew {
                firsts.append(row)
                lasts.append(row)
            } else {
                next[Int(lasts[number])] = row
                lasts[number] = row
            }
            for (column, place) in places.enumerated() {
                let value = place.map { rows.columns[$0].value(index) } ?? .empty
                columns[column].append(value.bytes.rawSpan)
            }
        }
    }

    /// The first row with a key, -1 if there is none.
    func first(_ key: RawSpan) -> Int32 { keys.number(of: key).map { firsts[$0] } ?? -1 }

    /// The row behind `row` with the same key, -1 if there is none.
    func following(_ row: Int32) -> Int32 { next[Int(row)] }
}
