import Bytes
import Records

/// A column as numbers: parsed once a shared value, not at all where it holds numbers. NaN stands for what is none:
/// times and addresses among them.
enum NumericColumn: Sendable {
    case constant(Double)
    case coded(NativeCodes, [Double])
    case integers([Int64])
    case numbers([Double])
    /// A number in every row.
    case dense([Double])
    /// A number a row that has one.
    case sparse([Double], RowPresence)

    /// A field of a chunk. O(rows).
    init(_ chunk: Chunk, _ name: ByteString, rows: Bitmap) throws {
        if let numbers = try chunk.numbers(name) {
            self = numbers
            return
        }
        if let native = try chunk.native(name), let column = Self.native(native, texts: Self.number) {
            self = column
            return
        }
        self.init(try chunk.column(name), rows: rows)
    }

    /// `takesTimes`: IPv4 addresses and RFC 3339 times are numbers too, as in formulas.
    init(_ column: Column, rows: Bitmap, takesTimes: Bool = false) {
        let number = takesTimes ? NumberParser.anyNumeric : NumberParser.number
        func parsed(_ text: RawSpan) -> Double { number(text) ?? .nan }
        switch column {
        case .constant(let value): self = .constant(parsed(value.bytes.rawSpan))
        case .dictionary(let codes, let values):
            self = .coded(.wide(codes), (0..<values.count).map { parsed(values[$0]) })
        case .integers(let numbers): self = .integers(numbers)
        case .times(let times): self = takesTimes ? .integers(times) : .constant(.nan)
        case .strings(let texts):
            var numbers = [Double](repeating: .nan, count: texts.count)
            rows.visit { numbers[$0] = parsed(texts[$0]) }
            self = .numbers(numbers)
        }
    }

    /// A column that holds nothing but integers and decimals; nil for any other.
    static func plainNumbers(_ native: NativeColumn) -> NumericColumn? { Self.native(native, texts: nil) }

    /// Whether some row may have no number.
    var mayLackNumbers: Bool {
        switch self {
        case .integers, .dense: false
        case .constant, .coded, .numbers, .sparse: true
        }
    }

    /// Bytes held, roughly.
    var memoryBytes: Int {
        switch self {
        case .constant: 64
        case .coded(let codes, let numbers): codes.memoryBytes + numbers.count * 8
        case .integers(let numbers): numbers.count * 8
        case .numbers(let numbers), .dense(let numbers): numbers.count * 8
        case .sparse(let numbers, let presence): numbers.count * 8 + presence.memoryBytes
        }
    }

    private static func number(_ text: RawSpan) -> Double { NumberParser.number(text) ?? .nan }

    /// Nil where some value would have to be read as a text and must not, or would have to in every row.
    private static func native(_ native: NativeColumn, texts: ((RawSpan) -> Double)?) -> NumericColumn? {
        switch native {
        case .constant(let value): return texts.map { .constant($0(value.bytes.rawSpan)) }
        case .coded(let codes, let values, let hasMissing):
            var numbers: [Double]
            if let known = Self.numbers(values) {
                numbers = known
            } else if let texts {
                let column = values.texts()
                numbers = (0..<column.count).map { texts(column[$0]) }
            } else {
                return nil
            }
            if hasMissing { numbers.append(.nan) }
            return .coded(codes, numbers)
        case .plain(.integers(let numbers), nil): return .integers(numbers)
        case .plain(let values, let presence):
            guard let numbers = Self.numbers(values) else { return nil }
            return presence.map { .sparse(numbers, $0) } ?? .dense(numbers)
        }
    }

    private static func numbers(_ values: NativeValues) -> [Double]? {
        switch values {
        case .integers(let numbers): numbers.map(Double.init)
        case .decimals(let decimals): decimals.numbers
        case .addresses, .texts, .digits: nil
        }
    }

    /// Calls `body` with each selected row's number; rows without one are left out.
    @inline(__always)
    func forEach(_ rows: Bitmap, _ body: (Int, Double) -> Void) {
        switch self {
        case .constant(let number): if !number.isNaN { rows.visit { body($0, number) } }
        case .coded(let codes, let numbers):
            rows.visit { row in
                let number = numbers[codes[row]]
                if !number.isNaN { body(row, number) }
            }
        case .integers(let numbers): rows.visit { body($0, Double(numbers[$0])) }
        case .numbers(let numbers):
            rows.visit { row in
                let number = numbers[row]
                if !number.isNaN { body(row, number) }
            }
        case .dense(let numbers): rows.visit { body($0, numbers[$0]) }
        case .sparse(let numbers, let presence):
            for word in presence.words.indices {
                var place = Int(presence.ranks[word])
                var rest = presence.words[word]
                let wanted = rows.words[word]
                while rest != 0 {
                    let lowest = rest & (~rest &+ 1)
                    if wanted & lowest != 0 { body(word << 6 | lowest.trailingZeroBitCount, numbers[place]) }
                    rest ^= lowest
                    place &+= 1
                }
            }
        }
    }
}
