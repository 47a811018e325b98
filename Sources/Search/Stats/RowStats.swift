import Bytes
import QueryLanguage
import Records

/// `row_any`, `row_min`, `row_max` (a row as JSON), `any`, `first`, `last`, `field_min`, `field_max` (one of its
/// values): functions that choose one row of each group. `row_any` gives its fields in order of their names.
final class RowStats: StatsAccumulator {
    enum Choice: Equatable {
        /// The first row in which one of the fields is not empty.
        case first
        case last
        case smallest(ByteString)
        case largest(ByteString)
    }

    enum Shape {
        /// The row's fields as a JSON object.
        case object
        /// The first of the fields that is not empty.
        case value
    }

    private struct State {
        /// Value of the ordering field.
        var key: (OrderKey, ByteString)?
        var place: UInt64 = 0
        var result: [UInt8] = []
    }

    private let choice: Choice
    private let shape: Shape
    private let fields: [FieldPattern]
    private var states: [State?] = []
    private var bytes = 0

    init(_ choice: Choice, _ shape: Shape, fields: [FieldPattern]) {
        self.choice = choice
        self.shape = shape
        self.fields = fields
    }

    var memoryBytes: Int { bytes + states.count * MemoryLayout<State?>.stride }

    func grow(to groups: Int) {
        if groups > states.count { states.append(contentsOf: repeatElement(nil, count: groups - states.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        var names = StatsFields.names(fields, in: chunk)
        if choice == .first, shape == .object { names.sort() }
        var columns: [(ByteString, Column)]?
        func renderLazily(_ row: Int) throws -> [UInt8] {
            let loaded = try columns ?? names.map { ($0, try chunk.column($0)) }
            columns = loaded
            return render(row, loaded)
        }
        let base = UInt64(chunk.sequence) << 32
        switch choice {
        case .first, .last:
            let present = shape == .object ? rows : try StatsFields.present(fields, in: chunk, rows: rows)
            try groups.forEach(present) { row, group in
                let place = base | UInt64(row)
                if let old = states[group]?.place, choice == .first ? old <= place : old >= place { return }
                set(State(place: place, result: try renderLazily(row)), in: group)
            }
        case .smallest(let field), .largest(let field):
            let column = try chunk.column(field)
            let keys = SortColumn(column, rowCount: rows.setCount)
            try groups.forEach(rows) { row, group in
                let place = base | UInt64(row)
                let better = keys.with(row) { key, value in
                    !key.isEmpty && isBetter(key, value, place, than: states[group]) ? key : nil
                }
                guard let better else { return }
                let state = State(key: (better, column.value(row)), place: place, result: try renderLazily(row))
                set(state, in: group)
            }
        }
    }

    private func isBetter(_ key: OrderKey, _ value: RawSpan, _ place: UInt64, than old: State?) -> Bool {
        guard let old, let (oldKey, oldValue) = old.key else { return true }
        let order = OrderKey.compare(key, value, oldKey, oldValue.bytes.rawSpan)
        if order == 0 { return place < old.place }
        if case .largest = choice { return order > 0 }
        return order < 0
    }

    private func set(_ state: State, in group: Int) {
        bytes += state.result.count - (states[group]?.result.count ?? 0)
        states[group] = state
    }

    private func render(_ row: Int, _ columns: [(ByteString, Column)]) -> [UInt8] {
        var output: [UInt8] = []
        if shape == .value {
            for (_, column) in columns where output.isEmpty { column.append(row, to: &output) }
        } else {
            RowJSON.append(row, columns, to: &output)
        }
        return output
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? RowStats else { return }
        for (group, state) in other.states.enumerated() {
            guard let state else { continue }
            let mine = states[map[group]]
            let isBetter: Bool
            switch choice {
            case .first: isBetter = mine.map { state.place < $0.place } ?? true
            case .last: isBetter = mine.map { state.place > $0.place } ?? true
            case .smallest, .largest:
                guard let (key, value) = state.key else { continue }
                isBetter = self.isBetter(key, value.bytes.rawSpan, state.place, than: mine)
            }
            if isBetter { set(state, in: map[group]) }
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        if let state = states[group] {
            output.append(contentsOf: state.result)
        } else if shape == .object {
            output.append(contentsOf: "{}".utf8)
        }
    }
}

/// Rows as JSON objects.
enum RowJSON {
    /// `{"name":"value",…}` of the fields that are not empty.
    static func append(_ row: Int, _ columns: [(ByteString, Column)], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        var value: [UInt8] = []
        for (name, column) in columns {
            value.removeAll(keepingCapacity: true)
            column.append(row, to: &value)
            if value.isEmpty { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendPageSafeString(name.bytes.rawSpan, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONText.appendPageSafeString(value.rawSpan, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
