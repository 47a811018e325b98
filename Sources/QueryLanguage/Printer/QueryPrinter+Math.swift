import Bytes

extension QueryPrinter {
    mutating func writeAssignments(_ assignments: [MathAssignment]) {
        writeList(assignments) { printer, assignment in
            if case .binary = assignment.expression {
                printer.write("(")
                printer.writeMath(assignment.expression)
                printer.write(")")
            } else {
                printer.writeMath(assignment.expression)
            }
            printer.write(" as ")
            printer.writeName(assignment.result)
        }
    }

    /// Parentheses only where the precedences need them.
    mutating func writeMath(_ expression: MathExpression) {
        switch expression {
        case .field(let name): writeMathField(name)
        case .number(let literal): writeMathNumber(literal)
        case .negated(let inner):
            write("-")
            writeOperand(inner, looserThan: 0)
        case .binary(let operation, let left, let right):
            writeOperand(left, looserThan: operation.precedence)
            write(" \(operation.rawValue) ")
            writeOperand(right, looserThan: operation.precedence - 1)
        case .call(let function, let arguments):
            write(function.rawValue + "(")
            writeList(arguments) { $0.writeMath($1) }
            write(")")
        }
    }

    /// In parentheses if it is an operation that binds less than the limit.
    private mutating func writeOperand(_ expression: MathExpression, looserThan limit: Int) {
        guard case .binary(let operation, _, _) = expression, operation.precedence > limit else {
            return writeMath(expression)
        }
        write("(")
        writeMath(expression)
        write(")")
    }

    private mutating func writeMathField(_ name: ByteString) {
        let word = name.string
        let startsLikeName = name.bytes.first.map { !$0.isDigit && $0 != UInt8(ascii: ".") } ?? false
        let isGrammar =
            MathFunction(rawValue: word.lowercased()) != nil || MathOperator(rawValue: word.lowercased()) != nil
        if QuotedText.isBare(name.bytes), startsLikeName, !isGrammar, NumberLiteral(word) == nil {
            writeName(name)
        } else {
            writeQuoted(name)
        }
    }

    /// Bare where it is one word to the parser: digits, units, a point.
    private mutating func writeMathNumber(_ literal: NumberLiteral) {
        if QuotedText.isBare(Array(literal.text.utf8)) {
            write(literal.text)
        } else {
            writeQuoted(ByteString(literal.text))
        }
    }
}
