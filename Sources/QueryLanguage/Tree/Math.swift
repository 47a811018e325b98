import Bytes

/// `expression as result` of a `math` pipe.
public struct MathAssignment: Hashable, Sendable {
    public var expression: MathExpression
    /// The canonical text of the expression, unless the query names another.
    public var result: ByteString

    public init(_ expression: MathExpression, as result: ByteString? = nil) {
        self.expression = expression
        self.result = result ?? ByteString(expression.description)
    }
}

/// A formula over the fields of one row, in doubles.
public indirect enum MathExpression: Hashable, Sendable {
    case field(ByteString)
    /// A number, duration, size, RFC 3339 time (nanoseconds) or IPv4 address.
    case number(NumberLiteral)
    case negated(MathExpression)
    case binary(MathOperator, MathExpression, MathExpression)
    case call(MathFunction, [MathExpression])
}

/// The binary operators, loosest binding last in `precedence`.
public enum MathOperator: String, Hashable, Sendable, CaseIterable {
    case power = "^"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case add = "+"
    case subtract = "-"
    case bitAnd = "&"
    case bitXor = "xor"
    case bitOr = "or"
    /// The right side where the left is not a number.
    case defaulting = "default"

    /// 1 binds tightest. All bind to the left.
    public var precedence: Int {
        switch self {
        case .power: 1
        case .multiply, .divide, .remainder: 2
        case .add, .subtract: 3
        case .bitAnd: 4
        case .bitXor: 5
        case .bitOr: 6
        case .defaulting: 7
        }
    }
}

public enum MathFunction: String, Hashable, Sendable, CaseIterable {
    case abs, ceil, exp, floor, ln, max, min, now, rand, round

    /// How many arguments it takes.
    public var arity: ClosedRange<Int> {
        switch self {
        case .abs, .ceil, .exp, .floor, .ln: 1...1
        case .max, .min: 2...Int.max
        case .now, .rand: 0...0
        case .round: 1...2
        }
    }
}
