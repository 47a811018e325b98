import Bytes
import Records

/// `math`: precedence climbing over the binary operators (Clarke 1986).
extension Parser {
    mutating func parseAssignment() throws(QueryError) -> MathAssignment {
        var nodes = 0
        let expression = try parseMath(looserThan: MathOperator.loosest, nodes: &nodes)
        return MathAssignment(expression, as: try takeResultName())
    }

    private mutating func parseMath(looserThan limit: Int, nodes: inout Int) throws(QueryError) -> MathExpression {
        var left = try parseMathOperand(nodes: &nodes)
        while let operation = mathOperator, operation.precedence <= limit {
            try lexer.advance()
            try count(&nodes)
            let right = try parseMath(looserThan: operation.precedence - 1, nodes: &nodes)
            left = .binary(operation, left, right)
        }
        return left
    }

    private var mathOperator: MathOperator? {
        switch lexer.token.kind {
        case .symbol(let symbol): MathOperator(rawValue: String(symbol))
        case .word: MathOperator(rawValue: lexer.lowercased)
        default: nil
        }
    }

    private func count(_ nodes: inout Int) throws(QueryError) {
        nodes += 1
        guard nodes <= Limits.mathNodes else { throw fail("the expression has more than \(Limits.mathNodes) parts") }
    }

    private mutating func parseMathOperand(nodes: inout Int) throws(QueryError) -> MathExpression {
        try count(&nodes)
        if try takeSymbol("+") { return try nestedOperand(nodes: &nodes) }
        if try takeSymbol("-") { return .negated(try nestedOperand(nodes: &nodes)) }
        if try takeSymbol("(") {
            var inside = nodes
            let expression = try nested { parser throws(QueryError) in
                try parser.parseMath(looserThan: MathOperator.loosest, nodes: &inside)
            }
            nodes = inside
            guard try takeSymbol(")") else { throw unexpected(["`)`", "an operator"]) }
            return expression
        }
        if let word = keyword, lexer.byteAhead == UInt8(ascii: "(") || MathFunction(rawValue: word) != nil {
            let start = lexer.token.start
            try lexer.advance()
            return try parseMathCall(word, at: start, nodes: &nodes)
        }
        let start = lexer.token.start
        let isBareNumber = isAtCount
        let word = try requireCompound(.formula, "a field name, a number, `(` or a function")
        let result = operand(word.isEmpty ? StandardFields.message : word)
        if isBareNumber, case .field = result {
            throw fail("this is no number", at: start, expected: ["1_000", "2.5", "10KiB", "quotes around a name"])
        }
        return result
    }

    private mutating func nestedOperand(nodes: inout Int) throws(QueryError) -> MathExpression {
        var inside = nodes
        defer { nodes = inside }
        return try nested { parser throws(QueryError) in try parser.parseMathOperand(nodes: &inside) }
    }

    private func operand(_ word: ByteString) -> MathExpression {
        if let text = String(validating: word.bytes, as: UTF8.self), let number = NumberLiteral(text) {
            return .number(number)
        }
        return .field(word)
    }

    private mutating func parseMathCall(
        _ name: String, at start: Int, nodes: inout Int
    ) throws(QueryError) -> MathExpression {
        guard let function = MathFunction(rawValue: name) else {
            let known = MathFunction.allCases.map(\.rawValue)
            throw fail(
                "unknown math function `\(name)`", at: start, expected: known,
                suggestion: NearestName.suggestion(for: name, among: known))
        }
        var inside = nodes
        let arguments = try nested { parser throws(QueryError) in
            try parser.requireList { parser throws(QueryError) in
                try parser.parseMath(looserThan: MathOperator.loosest, nodes: &inside)
            }
        }
        nodes = inside
        guard function.arity.contains(arguments.count) else {
            throw fail("wrong number of arguments for `\(name)`", at: start, expected: [function.form])
        }
        return .call(function, arguments)
    }
}

extension MathOperator {
    /// Precedence of the operator that binds least.
    static let loosest = MathOperator.defaulting.precedence
}

extension MathFunction {
    var form: String {
        switch self {
        case .now, .rand: "\(rawValue)()"
        case .max, .min: "\(rawValue)(a, b, …)"
        case .round: "round(value, nearest)"
        case .abs, .ceil, .exp, .floor, .ln: "\(rawValue)(value)"
        }
    }
}
