import Bytes
import Records

/// A value as the order sees it, made once so that comparing it again costs little.
enum SortValue: Sendable {
    case integer(Int64)
    /// Nanoseconds since 1970.
    case time(Int64)
    /// A number that is not written as a plain integer, with its text.
    case number(Double, ByteString)
    case text(ByteString)

    init(_ value: ByteString) {
        let span = value.bytes.rawSpan
        if let integer = NumberParser.canonicalInteger(span) {
            self = .integer(integer)
        } else if let number = NumberParser.number(span) {
            self = .number(number, value)
        } else if let time = NumberParser.time(span) {
            self = .time(time)
        } else {
            self = .text(value)
        }
    }

    var text: ByteString {
        switch self {
        case .integer(let integer): NumberText.text(Int(integer))
        case .time(let time): NumberText.time(time)
        case .number(_, let text), .text(let text): text
        }
    }

    var heapBytes: Int {
        switch self {
        case .integer, .time: 0
        case .number(_, let text), .text(let text): text.count + 32
        }
    }

    /// Negative, zero or positive, as `NaturalOrder.compare` on the texts.
    static func compare(_ left: SortValue, _ right: SortValue) -> Int {
        switch (left, right) {
        case (.integer(let left), .integer(let right)), (.time(let left), .time(let right)):
            NaturalOrder.order(left, right)
        case (.number(let left, _), .number(let right, _)): NaturalOrder.order(left, right)
        case (.integer(let left), .number(let right, _)): NaturalOrder.order(Double(left), right)
        case (.number(let left, _), .integer(let right)): NaturalOrder.order(left, Double(right))
        default: NaturalOrder.compareTexts(left.text.bytes.rawSpan, right.text.bytes.rawSpan)
        }
    }
}

/// A column as values to sort by.
enum SortColumn {
    case constant(SortValue)
    case coded([UInt32], [SortValue])
    case integers([Int64])
    case times([Int64])
    case strings(StringColumn)

    init(_ column: Column) {
        switch column {
        case .constant(let value): self = .constant(SortValue(value))
        case .dictionary(let codes, let values):
            self = .coded(codes, (0..<values.count).map { SortValue(values.value($0)) })
        case .integers(let numbers): self = .integers(numbers)
        case .times(let times): self = .times(times)
        case .strings(let texts): self = .strings(texts)
        }
    }

    func value(_ row: Int) -> SortValue {
        switch self {
        case .constant(let value): value
        case .coded(let codes, let values): values[Int(codes[row])]
        case .integers(let numbers): .integer(numbers[row])
        case .times(let times): .time(times[row])
        case .strings(let texts): SortValue(texts.value(row))
        }
    }

    /// Keeps the rows that do not come after `worst`.
    func narrow(_ rows: inout Bitmap, notAfter worst: SortValue, isDescending: Bool) {
        func isAfter(_ value: SortValue) -> Bool {
            let order = SortValue.compare(value, worst)
            return isDescending ? order < 0 : order > 0
        }
        switch self {
        case .constant(let value): if isAfter(value) { rows = Bitmap(count: rows.count) }
        case .coded(let codes, let values):
            let after = values.map(isAfter)
            rows.filter { !after[Int(codes[$0])] }
        case .integers(let numbers):
            if case .integer(let limit) = worst {
                rows.filter { isDescending ? numbers[$0] >= limit : numbers[$0] <= limit }
            } else {
                rows.filter { !isAfter(.integer(numbers[$0])) }
            }
        case .times(let times):
            if case .time(let limit) = worst {
                rows.filter { isDescending ? times[$0] >= limit : times[$0] <= limit }
            } else {
                rows.filter { !isAfter(.time(times[$0])) }
            }
        case .strings(let texts): rows.filter { !isAfter(SortValue(texts.value($0))) }
        }
    }
}
