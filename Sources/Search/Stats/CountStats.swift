import Bytes
import QueryLanguage
import Records

/// `count()`, `count(f…)`, `count_empty(f…)`, and `rate()`, which is a count by the second.
final class CountStats: StatsAccumulator {
    enum Counting { case rows, present, empty }

    private let counting: Counting
    private let fields: [FieldPattern]
    /// Length of the query's time range for a rate; nil for a plain count.
    private let seconds: Double?
    private var counts: [Int] = []

    init(_ counting: Counting, fields: [FieldPattern] = [], perSecondsOf seconds: Double? = nil) {
        self.counting = counting
        self.fields = fields
        self.seconds = seconds
    }

    var memoryBytes: Int { counts.count * 8 }

    func grow(to groups: Int) {
        if groups > counts.count { counts.append(contentsOf: repeatElement(0, count: groups - counts.count)) }
    }

    /// Whether every row counts.
    var countsRows: Bool { counting == .rows }

    func add(_ count: Int, to group: Int) { counts[group] += count }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        var rows = rows
        switch counting {
        case .rows: break
        case .present: rows = try StatsFields.present(fields, in: chunk, rows: rows)
        case .empty: rows.subtract(try StatsFields.present(fields, in: chunk, rows: rows))
        }
        guard let perRow = groups.perRow else {
            counts[groups.single] += rows.setCount
            return
        }
        if rows.isFull {
            for group in perRow { counts[Int(group)] &+= 1 }
        } else {
            rows.visit { counts[Int(perRow[$0])] &+= 1 }
        }
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? CountStats else { return }
        for (group, count) in other.counts.enumerated() { counts[map[group]] += count }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        if let seconds {
            NumberText.append(seconds > 0 ? Double(counts[group]) / seconds : Double(counts[group]), to: &output)
        } else {
            NumberText.append(Int64(counts[group]), to: &output)
        }
    }
}

/// `sum_len(f…)`: bytes of all values.
final class LengthStats: StatsAccumulator {
    private let fields: [FieldPattern]
    private var sums: [Int] = []

    init(fields: [FieldPattern]) { self.fields = fields }

    var memoryBytes: Int { sums.count * 8 }

    func grow(to groups: Int) {
        if groups > sums.count { sums.append(contentsOf: repeatElement(0, count: groups - sums.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        for name in StatsFields.names(fields, in: chunk) {
            switch try chunk.column(name) {
            case .strings(let texts): groups.forEach(rows) { row, group in sums[group] += texts.length(row) }
            case .dictionary(let codes, let values):
                let lengths = (0..<values.count).map { values.length($0) }
                groups.forEach(rows) { row, group in sums[group] += lengths[Int(codes[row])] }
            case let column:
                column.forEach(rows) { row, value in sums[groups.group(row)] += value.byteCount }
            }
        }
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? LengthStats else { return }
        for (group, sum) in other.sums.enumerated() { sums[map[group]] += sum }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) { NumberText.append(Int64(sums[group]), to: &output) }
}
