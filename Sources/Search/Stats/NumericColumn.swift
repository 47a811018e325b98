import Bytes
import Records

/// A column as numbers: parsed once a dictionary value, not at all where it holds integers. NaN stands for what is
/// none: times and addresses among them.
enum NumericColumn {
    case constant(Double)
    case coded([UInt32], [Double])
    case integers([Int64])
    case numbers([Double])

    /// `takesTimes`: IPv4 addresses and RFC 3339 times are numbers too, as in formulas.
    init(_ column: Column, rows: Bitmap, takesTimes: Bool = false) {
        let number = takesTimes ? NumberParser.anyNumeric : NumberParser.number
        func parsed(_ text: RawSpan) -> Double { number(text) ?? .nan }
        switch column {
        case .constant(let value): self = .constant(parsed(value.bytes.rawSpan))
        case .dictionary(let codes, let values):
            self = .coded(codes, (0..<values.count).map { parsed(values[$0]) })
        case .integers(let numbers): self = .integers(numbers)
        case .times(let times): self = takesTimes ? .integers(times) : .constant(.nan)
        case .strings(let texts):
            var numbers = [Double](repeating: .nan, count: texts.count)
            rows.visit { numbers[$0] = parsed(texts[$0]) }
            self = .numbers(numbers)
        }
    }

    /// Calls `body` with each selected row's number; rows without one are left out.
    @inline(__always)
    func forEach(_ rows: Bitmap, _ body: (Int, Double) -> Void) {
        switch self {
        case .constant(let number): if !number.isNaN { rows.visit { body($0, number) } }
        case .coded(let codes, let numbers):
            rows.visit { row in
                let number = numbers[Int(codes[row])]
                if !number.isNaN { body(row, number) }
            }
        case .integers(let numbers): rows.visit { body($0, Double(numbers[$0])) }
        case .numbers(let numbers):
            rows.visit { row in
                let number = numbers[row]
                if !number.isNaN { body(row, number) }
            }
        }
    }
}
