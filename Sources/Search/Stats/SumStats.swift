import Bytes
import QueryLanguage
import Records

/// `sum`, `avg`, `rate_sum` over the numbers among the values. Sums are doubles with the rounding error carried along
/// (TwoSum, Knuth 1969: without a branch on which of two is larger), so that the order of blocks and threads does not
/// show.
final class SumStats: StatsAccumulator {
    enum Result {
        case sum, average
        /// By the second of a time range of this length.
        case rate(seconds: Double)
    }

    private struct State {
        var sum = 0.0
        var correction = 0.0
        var count = 0

        @inline(__always)
        mutating func add(_ number: Double) {
            let next = sum + number
            let taken = next - sum
            correction += (sum - (next - taken)) + (number - taken)
            sum = next
            count &+= 1
        }
    }

    private let fields: [FieldPattern]
    private let result: Result
    private var states: [State] = []

    init(_ result: Result, fields: [FieldPattern]) {
        self.result = result
        self.fields = fields
    }

    var memoryBytes: Int { states.count * MemoryLayout<State>.stride }

    func grow(to groups: Int) {
        if groups > states.count { states.append(contentsOf: repeatElement(State(), count: groups - states.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        for name in StatsFields.names(fields, in: chunk) {
            let column = try NumericColumn(chunk, name, rows: rows)
            if let perRow = groups.perRow {
                // Held by no one else meanwhile, so that no row pays for finding that out.
                var states = self.states
                self.states = []
                defer { self.states = states }
                var span = states.mutableSpan
                column.forEach(rows) { row, number in span[Int(perRow[row])].add(number) }
            } else {
                var state = states[groups.single]
                column.forEach(rows) { _, number in state.add(number) }
                states[groups.single] = state
            }
        }
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? SumStats else { return }
        for (group, state) in other.states.enumerated() where state.count > 0 {
            states[map[group]].add(state.sum)
            states[map[group]].correction += state.correction
            states[map[group]].count += state.count - 1
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        let state = states[group]
        guard state.count > 0 else { return NumberText.append(.nan, to: &output) }
        // Infinity has no rounding error to correct, and would make NaN of it.
        let sum = state.sum.isFinite ? state.sum + state.correction : state.sum
        switch result {
        case .sum: NumberText.append(sum, to: &output)
        case .average: NumberText.append(sum / Double(state.count), to: &output)
        case .rate(let seconds): NumberText.append(seconds > 0 ? sum / seconds : sum, to: &output)
        }
    }
}
