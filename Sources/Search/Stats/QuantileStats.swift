import Bytes
import QueryLanguage
import Records

/// `quantile(phi, f…)`, `median(f…)`. Numbers are kept as numbers (exactly, until a group has many: then in buckets
/// 1/512 of their size wide), other texts each once with a count. The empty value, which rows without the field have,
/// is the smallest of all; fields that a prefix finds count where they have a value.
final class QuantileStats: StatsAccumulator {
    private struct State {
        var numbers: [Double] = []
        var buckets: LogBuckets?
        var texts: TextCounts?
        var empties = 0
        var numberCount: Int { buckets?.total ?? numbers.count }

        mutating func add(_ number: Double) {
            if buckets != nil {
                buckets?.add(number)
                return
            }
            numbers.append(number)
            guard numbers.count > QuantileStats.exactValues else { return }
            var buckets = LogBuckets()
            for number in numbers { buckets.add(number) }
            self.buckets = buckets
            numbers = []
        }

        mutating func add(_ more: ArraySlice<Double>) {
            if buckets == nil {
                guard numbers.count + more.count > QuantileStats.exactValues else {
                    numbers += more
                    return
                }
                var buckets = LogBuckets()
                buckets.add(numbers[...])
                self.buckets = buckets
                numbers = []
            }
            buckets?.add(more)
        }

        mutating func merge(_ other: TextCounts?) {
            guard let other else { return }
            var merged = texts ?? TextCounts()
            texts = nil
            merged.merge(other)
            texts = merged
        }
    }

    /// Values of a group that are kept one by one.
    static let exactValues = 16_384

    private let phi: Double
    private let fields: [FieldPattern]
    private var states: [State] = []
    /// Counts of groups with many numbers, on top of those in their states.
    private var grouped = GroupedBuckets()
    private var textBytes = 0
    private var takesEmpty = false

    init(_ phi: Double, fields: [FieldPattern]) {
        self.phi = phi
        self.fields = fields
    }

    var memoryBytes: Int {
        states.reduce(textBytes + grouped.memoryBytes) {
            $0 + 64 + $1.numbers.count * 8 + ($1.buckets?.memoryBytes ?? 0)
        }
    }

    func grow(to groups: Int) {
        if groups > states.count { states.append(contentsOf: repeatElement(State(), count: groups - states.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        for name in StatsFields.names(fields, in: chunk) {
            takesEmpty = StatsFields.isNamed(name, by: fields)
            if let column = try chunk.numbers(name) {
                addCountingEmpties(column, rows: rows, groups: groups)
                continue
            }
            let column = try chunk.column(name)
            switch column {
            case .integers(let numbers): add(.integers(numbers), rows: rows, groups: groups)
            case .dictionary(let codes, let values): add(codes, values, rows: rows, groups: groups)
            default: column.forEach(rows) { row, value in add(value, 1, to: groups.group(row)) }
            }
        }
    }

    /// Each pair of group and code is looked at once.
    private func add(_ codes: [UInt32], _ values: StringColumn, rows: Bitmap, groups: GroupNumbers) {
        guard states.count * values.count <= 1 << 18 else {
            return groups.forEach(rows) { row, group in add(values[Int(codes[row])], 1, to: group) }
        }
        var counts = [UInt32](repeating: 0, count: states.count * values.count)
        groups.forEach(rows) { row, group in counts[group &* values.count &+ Int(codes[row])] += 1 }
        for (pair, count) in counts.enumerated() where count > 0 {
            add(values[pair % values.count], Int(count), to: pair / values.count)
        }
    }

    private func addCountingEmpties(_ column: NumericColumn, rows: Bitmap, groups: GroupNumbers) {
        guard takesEmpty, column.mayLackNumbers else { return add(column, rows: rows, groups: groups) }
        var states = self.states
        self.states = []
        groups.forEach(rows) { _, group in states[group].empties += 1 }
        column.forEach(rows) { row, _ in states[groups.group(row)].empties -= 1 }
        self.states = states
        add(column, rows: rows, groups: groups)
    }

    private func add(_ column: NumericColumn, rows: Bitmap, groups: GroupNumbers) {
        if let perRow = groups.perRow, states.count <= GroupedNumbers.mostGroups {
            var numbers = GroupedNumbers(column, rows: rows, perRow: perRow)
            if !grouped.isEmpty { numbers.count(in: &grouped, groupCount: states.count) }
            numbers.visit(groupCount: states.count) { group, numbers in
                let hadBuckets = states[group].buckets != nil
                states[group].add(numbers)
                if !hadBuckets, let buckets = states[group].buckets { grouped.take(group, with: buckets) }
            }
        } else if groups.perRow == nil {
            var numbers: [Double] = []
            numbers.reserveCapacity(rows.count)
            column.forEach(rows) { _, number in numbers.append(number) }
            states[groups.single].add(numbers[...])
        } else {
            column.forEach(rows) { row, number in states[groups.group(row)].add(number) }
        }
    }

    private func add(_ value: RawSpan, _ count: Int, to group: Int) {
        if value.byteCount == 0 {
            if takesEmpty { states[group].empties += count }
            return
        }
        if Self.printsBack(value), let number = NumberParser.plain(value) {
            return states[group].add([Double](repeating: number, count: count)[...])
        }
        var texts = states[group].texts ?? TextCounts()
        states[group].texts = nil
        if texts.add(value, count) { textBytes += value.byteCount + 32 }
        states[group].texts = texts
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? QuantileStats else { return }
        other.settle()
        for (group, state) in other.states.enumerated() {
            states[map[group]].add(state.numbers[...])
            states[map[group]].merge(state.texts)
            states[map[group]].empties += state.empties
            guard let buckets = state.buckets else { continue }
            var mine = states[map[group]].buckets ?? LogBuckets()
            mine.add(states[map[group]].numbers[...])
            states[map[group]].numbers = []
            mine.merge(buckets)
            states[map[group]].buckets = mine
        }
        textBytes += other.textBytes
    }

    /// Moves the counts of the common table to the states.
    private func settle() {
        grouped.visit { group, counts, first in states[group].buckets?.merge(counts, first: first) }
        grouped = GroupedBuckets()
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        if !grouped.isEmpty { settle() }
        let state = states[group]
        let count = state.empties + state.numberCount + (state.texts?.total ?? 0)
        let place = Self.place(phi, of: count) - state.empties
        guard count > 0, place >= 0 else { return }
        if let buckets = state.buckets, state.texts == nil {
            let share = state.empties == 0 ? phi : (Double(place) + 0.5) / Double(buckets.total)
            return NumberText.append(buckets.quantile(share), to: &output)
        }
        guard var values = state.texts else {
            return NumberText.append(selected(place, of: state.numbers), to: &output)
        }
        state.buckets?.visit { number, count in values.add(NumberText.text(number).bytes.rawSpan, count) }
        for number in state.numbers { values.add(NumberText.text(number).bytes.rawSpan, 1) }
        if let text = values.text(at: min(place, values.total - 1)) { output.append(contentsOf: text.bytes) }
    }

    /// Whether a decimal has the digits that its number is printed with, zeros at its end aside: `007` has others.
    /// `1.50` is printed as `1.5`, as it is where blocks hold it as a number.
    private static func printsBack(_ text: RawSpan) -> Bool {
        let first = text[0] == UInt8(ascii: "-") ? 1 : 0
        guard text.byteCount > first, text.byteCount < 16 else { return false }
        for index in first..<text.byteCount where text[index] != UInt8(ascii: ".") {
            if text[index] &- 48 >= 10 { return false }
        }
        if text[text.byteCount - 1] == UInt8(ascii: ".") { return false }
        return text[first] != UInt8(ascii: "0") || text.byteCount == first + 1
            || text[first + 1] == UInt8(ascii: ".")
    }

    /// Which of `count` sorted values the quantile is.
    static func place(_ phi: Double, of count: Int) -> Int {
        min(max(Int(Swift.min(Swift.max(phi, 0), 1) * Double(count)), 0), count - 1)
    }
}
