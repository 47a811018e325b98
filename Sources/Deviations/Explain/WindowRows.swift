import Bytes
import Records
import Statistics
import Templates

/// The records of a window and of its baseline as columns of codes: what explanations count.
struct WindowRows {
    struct Row {
        var time: Int64
        /// Hashes; 0 for none.
        var trace: UInt64
        var span: UInt64
        var parent: UInt64
        /// In milliseconds where the unit is known; not-a-number for none.
        var duration: Float
        var service: UInt16
        var operation: UInt16
        /// Number of the message's form; 0 for none.
        var form: UInt32
        var isAfter: Bool
        /// A level of error or above, a status of 400 or more, or one that says so.
        var isError: Bool
        /// Whether it says of which level it is.
        var hasLevel: Bool
        var firstItem: Int32
        var firstValue: Int32
    }

    /// Records kept at most; beyond them every second trace is dropped, and so on.
    static let maximumRows = 600_000
    static let maximumServices = 2_000
    static let maximumOperations = 20_000
    /// Values of one field that are told apart; a field with more is an identifier, whatever its name.
    static let valuesPerField = 200
    static let maximumSamples = 4_000

    let baseline: Range<Int64>
    let window: Range<Int64>
    var rows: [Row] = []
    /// Codes of field and value, from `rows[i].firstItem` on.
    var items: [UInt32] = []
    var values: [(measure: UInt8, logarithm: Float)] = []
    private(set) var services = TextTable(limit: WindowRows.maximumServices)
    private(set) var operations = TextTable(limit: WindowRows.maximumOperations)
    private(set) var itemTable = ItemTable(valuesPerField: WindowRows.valuesPerField)
    private(set) var measures: [ByteString] = []
    private var miner = TemplateMiner()
    /// Every 2ⁿ-th trace is kept.
    private(set) var halvings = 0
    private(set) var seen = 0
    /// One more than the greatest number of a form.
    private(set) var formCount = 1
    /// The name that records give the service.
    private(set) var serviceField = "service"
    /// Whether durations are in milliseconds for sure.
    private(set) var isUnitKnown = true
    /// Texts of records of the window, by row; and of its trace IDs, by hash.
    private(set) var messages: [Int: ByteString] = [:]
    private(set) var traceTexts: [UInt64: ByteString] = [:]

    init(baseline: Range<Int64>, window: Range<Int64>) {
        self.baseline = baseline
        self.window = window
    }

    /// The text of a form of messages, `<*>` for what varies.
    func text(ofForm form: UInt32) -> ByteString { miner.template(miner.resolve(Int(form))).text }

    /// Forms as they are told apart now that all messages were seen. O(rows).
    mutating func settleForms() {
        miner.consolidate()
        var isErrorForm: [UInt32: Bool] = [:]
        defer {
            for index in rows.indices where !rows[index].hasLevel && rows[index].form != 0 && rows[index].duration.isNaN
            {
                let form = rows[index].form
                let isError = isErrorForm[form] ?? Self.speaksOfError(text(ofForm: form))
                isErrorForm[form] = isError
                if isError { rows[index].isError = true }
            }
        }
        for index in rows.indices where rows[index].form != 0 {
            rows[index].form = UInt32(clamping: miner.resolve(Int(rows[index].form)))
            formCount = max(formCount, Int(rows[index].form) + 1)
        }
    }

    /// Takes the rows of a block that lie in either window. O(cells).
    mutating func add(_ block: any ColumnBlock) throws {
        let times = try block.times()
        let roles = WindowFields(block.columnNames)
        let traces = try hashes(block, roles.trace)
        var kept: [Int] = []
        for row in times.indices {
            let isAfter = window.contains(times[row])
            guard isAfter || baseline.contains(times[row]) else { continue }
            seen += 1
            let key =
                traces.isEmpty || traces[row] == 0
                ? UInt64(bitPattern: times[row]) &* 0x9E37_79B9_7F4A_7C15 : traces[row]
            if key >> 20 & ((1 << UInt64(halvings)) - 1) == 0 { kept.append(row) }
        }
        guard !kept.isEmpty else { return }
        let first = rows.count
        for row in kept {
            rows.append(
                Row(
                    time: times[row], trace: traces.isEmpty ? 0 : traces[row], span: 0, parent: 0, duration: .nan,
                    service: 0, operation: 0, form: 0, isAfter: window.contains(times[row]), isError: false,
                    hasLevel: roles.hasLevel,
                    firstItem: 0, firstValue: 0))
        }
        try fill(block, roles, kept, first)
        if rows.count > Self.maximumRows { halve() }
    }

    private func hashes(_ block: any ColumnBlock, _ name: ByteString?) throws -> [UInt64] {
        guard let name else { return [] }
        let vector = try block.column(name)
        return (0..<block.rowCount).map { row in
            let value = vector.value(row)
            return value.isEmpty ? 0 : hash64(value.bytes.rawSpan) | 1
        }
    }

    private mutating func fill(_ block: any ColumnBlock, _ roles: WindowFields, _ kept: [Int], _ first: Int) throws {
        var cells = [[UInt32]](repeating: [], count: kept.count)
        var numbers = [[(measure: UInt8, logarithm: Float)]](repeating: [], count: kept.count)
        if let name = roles.service {
            serviceField = name.string
            try each(block, name, kept) { state, index, value, _ in
                state.rows[first + index].service = UInt16(state.services.code(value))
            }
        }
        if let name = roles.operation {
            try each(block, name, kept) { state, index, value, _ in
                state.rows[first + index].operation = UInt16(state.operations.code(value))
            }
        }
        for (name, role) in roles.others {
            try fill(block, name, role, roles, kept, first, &cells, &numbers)
        }
        try fillTexts(block, roles, kept, first)
        for index in kept.indices {
            rows[first + index].firstItem = Int32(items.count)
            rows[first + index].firstValue = Int32(values.count)
            items += cells[index]
            values += numbers[index]
        }
    }

    /// Calls `body` with every kept row that has a value, coding repeated values of a dictionary once.
    private mutating func each(
        _ block: any ColumnBlock, _ name: ByteString, _ kept: [Int],
        _ body: (inout WindowRows, Int, ByteString, Int) -> Void
    ) throws {
        let vector = try block.column(name)
        for (index, row) in kept.enumerated() {
            let value = vector.value(row)
            if !value.isEmpty { body(&self, index, value, row) }
        }
    }

    private mutating func fill(
        _ block: any ColumnBlock, _ name: ByteString, _ role: FieldRole, _ roles: WindowFields, _ kept: [Int],
        _ first: Int,
        _ cells: inout [[UInt32]], _ numbers: inout [[(measure: UInt8, logarithm: Float)]]
    ) throws {
        switch role {
        case .level, .status, .dimension:
            let field = itemTable.field(name)
            let isCode = role == .status
            let isFlag = ["error", "is_error", "iserror"].contains(name.string.lowercased())
            try each(block, name, kept) { state, index, value, _ in
                if role == .level && Field.isErrorLevel(value) || isCode && Self.isFailure(value)
                    || isFlag && ["true", "1"].contains(value.string)
                {
                    state.rows[first + index].isError = true
                }
                if let item = state.itemTable.item(field, value) { cells[index].append(item) }
            }
        case .duration, .amount:
            let isMain = name == roles.duration?.name
            let place = measures.firstIndex(of: name) ?? measures.count
            if place == measures.count && place < 64 { measures.append(name) }
            let scale = Float(roles.duration?.milliseconds ?? 1)
            if isMain && roles.duration?.milliseconds == nil { isUnitKnown = false }
            try each(block, name, kept) { state, index, value, _ in
                guard let number = NumberText.double(value.bytes.rawSpan), number >= 0, number < 1e18 else { return }
                if isMain { state.rows[first + index].duration = Float(number) * scale }
                guard place < 64, number > 0 else { return }
                numbers[index].append((UInt8(place), Float(naturalLogarithm(number))))
            }
        case .service, .message, .trace, .identifier, .template: break
        }
    }

    private mutating func fillTexts(_ block: any ColumnBlock, _ roles: WindowFields, _ kept: [Int], _ first: Int) throws
    {
        if let name = roles.span {
            try each(block, name, kept) { state, index, value, _ in
                state.rows[first + index].span = hash64(value.bytes.rawSpan) | 1
            }
        }
        if let name = roles.parent {
            try each(block, name, kept) { state, index, value, _ in
                state.rows[first + index].parent = hash64(value.bytes.rawSpan) | 1
            }
        }
        if let name = roles.trace {
            try each(block, name, kept) { state, index, value, _ in
                let row = first + index
                guard state.rows[row].isAfter, state.traceTexts.count < 40_000 else { return }
                state.traceTexts[state.rows[row].trace] = value
            }
        }
        guard let name = roles.message else { return }
        try each(block, name, kept) { state, index, value, _ in
            let row = first + index
            let number = state.miner.shape(
                of: MinedText.of(value.bytes.rawSpan), time: Timestamp(nanoseconds: state.rows[row].time))
            state.rows[row].form = UInt32(clamping: number)
            let isWanted = state.rows[row].isAfter && (state.rows[row].isError || row % 16 == 0)
            if isWanted && state.messages.count < Self.maximumSamples { state.messages[row] = value }
        }
    }

    /// Whether a message without a level says of itself that it is an error.
    private static func speaksOfError(_ text: ByteString) -> Bool {
        let text = text.string
        return ["ERROR", "FATAL", "Exception", "Traceback", "panic:"].contains { text.contains($0) }
    }

    /// Whether a status says that something failed: an HTTP status of 400 or more, a code as gRPC and OpenTelemetry
    /// have them, or a word.
    static func isFailure(_ value: ByteString) -> Bool {
        if let number = Double(value.string) { return number >= 400 && number < 600 || number >= 2 && number <= 16 }
        return failures.contains(value.string.lowercased())
    }

    private static let failures: Set<String> = [
        "error", "status_code_error", "failed", "failure", "internal", "unavailable", "deadline_exceeded", "unknown",
        "aborted", "timeout",
    ]

    /// Drops every second trace.
    private mutating func halve() {
        halvings += 1
        var rest: [Row] = []
        var restItems: [UInt32] = []
        var restValues: [(measure: UInt8, logarithm: Float)] = []
        var restMessages: [Int: ByteString] = [:]
        let mask: UInt64 = (1 << UInt64(halvings)) - 1
        for index in rows.indices {
            let key =
                rows[index].trace == 0
                ? UInt64(bitPattern: rows[index].time) &* 0x9E37_79B9_7F4A_7C15 : rows[index].trace
            guard key >> 20 & mask == 0 else { continue }
            var row = rows[index]
            let itemsOfRow = itemRange(index)
            let valuesOfRow = valueRange(index)
            row.firstItem = Int32(restItems.count)
            row.firstValue = Int32(restValues.count)
            restItems += items[itemsOfRow]
            restValues += values[valuesOfRow]
            if let message = messages[index] { restMessages[rest.count] = message }
            rest.append(row)
        }
        (rows, items, values, messages) = (rest, restItems, restValues, restMessages)
    }

    // MARK: codes of whatever a record can be told by

    /// Items, then services, then forms of messages.
    var codeCount: Int { itemTable.items.count + services.texts.count + formCount }

    /// Of the fields that records are broken down by.
    func fieldCodes(_ row: Int) -> [Int] { items[itemRange(row)].map(Int.init) }

    func codes(_ row: Int) -> [Int] {
        var codes = fieldCodes(row)
        let first = itemTable.items.count
        if rows[row].service != 0 { codes.append(first + Int(rows[row].service)) }
        if rows[row].form != 0 { codes.append(first + services.texts.count + Int(rows[row].form)) }
        return codes
    }

    /// Whether the values of the code's field are told apart.
    func isOpen(_ code: Int) -> Bool {
        code >= itemTable.items.count || !itemTable.isClosed[itemTable.items[code].field]
    }

    /// The number of the code's field; −1 for services, −2 for forms.
    private func field(_ code: Int) -> Int {
        let rest = code - itemTable.items.count
        return rest < 0 ? itemTable.items[code].field : rest < services.texts.count ? -1 : -2
    }

    func areOfOneField(_ left: Int, _ right: Int) -> Bool { field(left) == field(right) }

    /// In words.
    func item(_ code: Int) -> Explanation.Item {
        let rest = code - itemTable.items.count
        if rest < 0 {
            let item = itemTable.items[code]
            return Explanation.Item(field: itemTable.fields[item.field].string, value: item.value.string)
        }
        if rest < services.texts.count {
            return Explanation.Item(field: serviceField, value: services.texts[rest].string)
        }
        return Explanation.Item(field: "_msg", value: text(ofForm: UInt32(rest - services.texts.count)).string)
    }

    // MARK: ranges

    func itemRange(_ row: Int) -> Range<Int> {
        Int(rows[row].firstItem)..<(row + 1 < rows.count ? Int(rows[row + 1].firstItem) : items.count)
    }

    func valueRange(_ row: Int) -> Range<Int> {
        Int(rows[row].firstValue)..<(row + 1 < rows.count ? Int(rows[row + 1].firstValue) : values.count)
    }
}
