import Bytes
import QueryLanguage
import Records

/// `math …`: formulas over the numbers of a row, one after another, each able to use the results before it.
struct MathTransform: ChunkTransform {
    let assignments: [MathAssignment]
    /// For `now()`.
    let now: Int64
    let random: RandomSource

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        for assignment in assignments {
            let values = try evaluate(assignment.expression, chunk)
            var texts = StringColumn()
            texts.reserve(rows: values.count, bytes: values.count * 8)
            var scratch: [UInt8] = []
            for value in values {
                scratch.removeAll(keepingCapacity: true)
                NumberText.append(value, to: &scratch)
                texts.append(scratch.rawSpan)
            }
            chunk.set(assignment.result, .strings(texts))
        }
        return chunk
    }

    /// The value of an expression in every row, a column at a time.
    private func evaluate(_ expression: MathExpression, _ chunk: Chunk) throws -> [Double] {
        let count = chunk.rowCount
        switch expression {
        case .number(let literal): return [Double](repeating: literal.value, count: count)
        case .field(let name):
            var values = [Double](repeating: .nan, count: count)
            let column = NumericColumn(try chunk.column(name), rows: chunk.rows, takesTimes: true)
            column.forEach(chunk.rows) { values[$0] = $1 }
            return values
        case .negated(let inner): return try evaluate(inner, chunk).map { -$0 }
        case .binary(let function, let left, let right):
            let left = try evaluate(left, chunk)
            let right = try evaluate(right, chunk)
            return (0..<count).map { Self.apply(function, left[$0], right[$0]) }
        case .call(let function, let arguments):
            let columns = try arguments.map { try evaluate($0, chunk) }
            return (0..<count).map { row in apply(function, columns.map { $0[row] }) }
        }
    }

    private static func apply(_ function: MathOperator, _ left: Double, _ right: Double) -> Double {
        switch function {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .remainder: remainder(left, right)
        case .power: MathFunctions.power(left, right)
        case .bitAnd: bits(left, right) { $0 & $1 }
        case .bitOr: bits(left, right) { $0 | $1 }
        case .bitXor: bits(left, right) { $0 ^ $1 }
        case .defaulting: left.isNaN ? right : left
        }
    }

    private static func bits(_ left: Double, _ right: Double, _ combine: (UInt64, UInt64) -> UInt64) -> Double {
        guard !left.isNaN, !right.isNaN else { return .nan }
        return Double(combine(UInt64(bitPattern: Int64(clamping: left)), UInt64(bitPattern: Int64(clamping: right))))
    }

    private func apply(_ function: MathFunction, _ arguments: [Double]) -> Double {
        switch function {
        case .abs: abs(arguments[0])
        case .ceil: arguments[0].rounded(.up)
        case .floor: arguments[0].rounded(.down)
        case .exp: MathFunctions.exponential(arguments[0])
        case .ln: MathFunctions.ln(arguments[0])
        case .max: arguments.reduce(.nan) { $1.isNaN || $0 > $1 ? $0 : $1 }
        case .min: arguments.reduce(.nan) { $1.isNaN || $0 < $1 ? $0 : $1 }
        case .now: Double(now)
        case .rand: random.next()
        case .round: arguments.count == 1 ? arguments[0].rounded() : Self.round(arguments[0], to: arguments[1])
        }
    }

    /// Of whole numbers it is one too, so that -7 leaves 0 and not -0.
    private static func remainder(_ left: Double, _ right: Double) -> Double {
        guard let left = Int64(exactly: left), let right = Int64(exactly: right), right != 0, right != -1 else {
            return right == -1 && left == left.rounded() ? 0 : MathFunctions.remainder(left, right)
        }
        return Double(left % right)
    }

    /// To the nearest multiple, half away from zero: what is left of the value and half a step without the remainder,
    /// so that 85.9 to 0.2 is 85.8.
    private static func round(_ value: Double, to step: Double) -> Double {
        guard !step.isNaN, step != 0 else { return .nan }
        let scale = DecimalScale(of: step)
        var rounded = value + (value.sign == .minus ? -step / 2 : step / 2)
        rounded -= MathFunctions.remainder(rounded, step)
        rounded = scale.number(scale.counted(rounded).rounded(.towardZero))
        return rounded == 0 ? 0 : rounded
    }
}
