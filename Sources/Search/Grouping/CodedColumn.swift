import Bytes
import Records

/// A column as small numbers and the values that they stand for, so that grouping touches a text once a value and not
/// once a row. Only selected rows have a meaningful code.
struct CodedColumn {
    enum Values {
        case texts(StringColumn)
        case integers([Int64])
        case times([Int64])
        case one(ByteString)
    }

    /// One a row; nil if every row has code 0.
    var codes: [UInt32]?
    var values: Values

    /// Codes in use, or more.
    var count: Int {
        switch values {
        case .texts(let texts): texts.count
        case .integers(let numbers), .times(let numbers): numbers.count
        case .one: 1
        }
    }

    init(codes: [UInt32]?, values: Values) {
        self.codes = codes
        self.values = values
    }

    /// O(1) for what is coded already, else O(rows + bytes).
    init(_ column: Column, rows: Bitmap) {
        switch column {
        case .constant(let value): self.init(codes: nil, values: .one(value))
        case .dictionary(let codes, let values): self.init(codes: codes, values: .texts(values))
        case .integers(let numbers):
            let (codes, distinct) = Self.code(numbers, rows: rows)
            self.init(codes: codes, values: .integers(distinct))
        case .times(let times):
            let (codes, distinct) = Self.code(times, rows: rows)
            self.init(codes: codes, values: .times(distinct))
        case .strings(let texts):
            var table = KeyTable()
            var codes = [UInt32](repeating: 0, count: texts.count)
            rows.visit { codes[$0] = UInt32(table.insert(texts[$0]).number) }
            self.init(codes: codes, values: .texts(table.keys))
        }
    }

    static func code(_ numbers: [Int64], rows: Bitmap) -> (codes: [UInt32], values: [Int64]) {
        var codes = [UInt32](repeating: 0, count: numbers.count)
        var table = IntegerTable()
        // Neighbours are often alike, in times above all.
        var last: Int64? = nil
        var lastCode: UInt32 = 0
        rows.visit { row in
            let number = numbers[row]
            if number != last {
                last = number
                lastCode = table.number(of: UInt64(bitPattern: number))
            }
            codes[row] = lastCode
        }
        return (codes, table.keys.map { Int64(bitPattern: $0) })
    }

    /// Appends the text that a code stands for.
    @inline(__always)
    func append(_ code: Int, to output: inout [UInt8]) {
        switch values {
        case .texts(let texts): output.append(copying: texts[code])
        case .integers(let numbers): NumberText.append(numbers[code], to: &output)
        case .times(let times): Timestamp(nanoseconds: times[code]).appendRFC3339(to: &output)
        case .one(let value): output.append(contentsOf: value.bytes)
        }
    }

    func value(_ code: Int) -> ByteString {
        switch values {
        case .texts(let texts): texts.value(code)
        case .integers(let numbers): NumberText.text(Int(numbers[code]))
        case .times(let times): NumberText.time(times[code])
        case .one(let value): value
        }
    }
}

/// Several coded columns as one: each combination that occurs has a number.
struct CodedTuples {
    /// One a row, for selected rows; nil if there is a single combination.
    private(set) var codes: [UInt32]?
    /// For each step of the combination, which pair of codes each number means: earlier number << 32 | column's code.
    private var steps: [[UInt64]] = []
    private let columnCount: Int
    private(set) var count = 1

    /// O(rows × columns).
    init(_ columns: [CodedColumn], rows: Bitmap, rowCount: Int) {
        columnCount = columns.count
        for column in columns { combine(column, rows: rows, rowCount: rowCount) }
    }

    private mutating func combine(_ column: CodedColumn, rows: Bitmap, rowCount: Int) {
        guard let added = column.codes else {
            steps.append((0..<UInt64(count)).map { $0 << 32 })
            return
        }
        guard let codes else {
            self.codes = added
            count = column.count
            steps.append((0..<UInt64(column.count)).map { $0 })
            return
        }
        if count <= 4096, column.count <= max(4096, rowCount) / max(count, 1) {
            combineDirectly(codes, added, width: column.count, rows: rows)
        } else {
            var table = IntegerTable()
            var combined = codes
            rows.visit { combined[$0] = table.number(of: UInt64(codes[$0]) << 32 | UInt64(added[$0])) }
            self.codes = combined
            steps.append(table.keys)
            count = table.count
        }
    }

    /// Few enough combinations for a table of all of them.
    private mutating func combineDirectly(_ codes: [UInt32], _ added: [UInt32], width: Int, rows: Bitmap) {
        var numbers = [UInt32](repeating: .max, count: count * width)
        var pairs: [UInt64] = []
        var combined = codes
        rows.visit { row in
            let place = Int(codes[row]) &* width &+ Int(added[row])
            if numbers[place] == .max {
                numbers[place] = UInt32(pairs.count)
                pairs.append(UInt64(codes[row]) << 32 | UInt64(added[row]))
            }
            combined[row] = numbers[place]
        }
        self.codes = combined
        steps.append(pairs)
        count = pairs.count
    }

    /// The codes of each column in combination `number`.
    func parts(_ number: Int) -> [UInt32] {
        var parts = [UInt32](repeating: 0, count: columnCount)
        var at = number
        for step in steps.indices.reversed() {
            let pair = steps[step][at]
            parts[step] = UInt32(truncatingIfNeeded: pair)
            at = Int(pair >> 32)
        }
        return parts
    }
}
