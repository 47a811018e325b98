import Bytes
import QueryLanguage
import Records

/// `values(f…)`: every value, in the order of the rows, as a JSON array. Of several fields, neighbouring rows of one
/// group that have the same fields give all values of the first field, then all of the next.
final class ValuesStats: StatsAccumulator {
    private struct Source {
        var column: Column
        /// Fields that a prefix finds count where they have a value.
        var takesEmpty: Bool
    }

    private let fields: [FieldPattern]
    /// 0 is none.
    private let limit: Int
    /// Each value with the place of its row, chunk then row, since threads come in any order.
    private var values: [[(place: UInt64, value: ByteString)]] = []
    private var bytes = 0

    init(fields: [FieldPattern], limit: UInt64) {
        self.fields = fields
        self.limit = Int(clamping: limit)
    }

    var memoryBytes: Int { bytes }

    func grow(to groups: Int) {
        if groups > values.count { values.append(contentsOf: repeatElement([], count: groups - values.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        let columns = try StatsFields.names(fields, in: chunk).map { name in
            Source(column: try chunk.column(name), takesEmpty: StatsFields.isNamed(name, by: fields))
        }
        guard columns.count > 1 else {
            let place = UInt64(chunk.sequence) << 32
            return groups.forEach(rows) { row, group in
                for column in columns { append(column, row, place | UInt64(row), to: group) }
            }
        }
        for run in try StatsFields.runs(of: chunk, rows: rows) {
            if run.allSatisfy({ groups.group($0) == groups.group(run[0]) }) {
                append(columns, run, of: chunk, to: groups.group(run[0]))
            } else {
                for row in run { append(columns, [row], of: chunk, to: groups.group(row)) }
            }
        }
    }

    private func append(_ columns: [Source], _ run: [Int], of chunk: Chunk, to group: Int) {
        let place = UInt64(chunk.sequence) << 32 | UInt64(run[0])
        for column in columns {
            for row in run { append(column, row, place, to: group) }
        }
    }

    private func append(_ source: Source, _ row: Int, _ place: UInt64, to group: Int) {
        if limit > 0, values[group].count >= limit { return }
        let value = source.column.value(row)
        if value.isEmpty, !source.takesEmpty { return }
        bytes += value.count + 40
        values[group].append((place, value))
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? ValuesStats else { return }
        for (group, theirs) in other.values.enumerated() { values[map[group]] += theirs }
        bytes += other.bytes
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        let sorted = values[group].enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
        output.append(UInt8(ascii: "["))
        for (position, item) in sorted.prefix(limit > 0 ? limit : .max).enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.appendPageSafeString(item.element.value.bytes.rawSpan, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
