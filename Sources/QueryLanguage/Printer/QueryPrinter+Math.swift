import Bytes

extension QueryPrinter {
    mutating func writeAssignments(_ assignments: [MathAssignment]) {
        writeList(assignments) { printer, assignment in
            printer.writeMath(assignment.expression)
            printer.write(" as ")
            printer.writeName(assignment.result)
        }
    }

    /// Every binary operation gets its parentheses, so that nobody needs to know the precedences to read it.
    mutating func writeMath(_ expression: MathExpression) {
        switch expression {
        case .field(let name): writeMathField(name)
        case .number(let literal): writeMathNumber(literal)
        case .negated(let inner):
            write("-(")
            writeMath(inner)
            write(")")
        case .binary(let operation, let left, let right):
            write("(")
            writeMath(left)
            write(" \(operation.rawValue) ")
            writeMath(right)
            write(")")
        case .call(let function, let arguments):
            write(function.rawValue + "(")
            writeList(arguments) { $0.writeMath($1) }
            write(")")
        }
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
