import Bytes
import Records

extension QueryPrinter {
    mutating func writeFilter(_ filter: Filter) {
        switch filter {
        case .all: write("*")
        case .and(let parts): writeJoined(parts, separator: " ") { if case .or = $0 { true } else { false } }
        case .or(let parts): writeJoined(parts, separator: " or ") { _ in false }
        case .not(let inner):
            write("!")
            switch inner {
            case .and, .or: writeParenthesised(inner)
            default: writeFilter(inner)
            }
        case .field(let name, let condition): writeField(name, condition)
        case .time(let time): writeTime(time)
        case .stream(let selector): writeSelector(selector)
        case .streamID(.values(let values)) where values.count == 1 && !values[0].isEmpty:
            write("_stream_id:")
            writeValue(values[0])
        case .streamID(let source):
            write("_stream_id:")
            writeSource("in", source)
        }
    }

    /// ` if (…)`, or nothing.
    mutating func writeCondition(_ condition: Filter?) {
        guard let condition else { return }
        write(" if ")
        writeParenthesised(condition)
    }

    private mutating func writeParenthesised(_ filter: Filter) {
        write("(")
        writeFilter(filter)
        write(")")
    }

    private mutating func writeJoined(_ parts: [Filter], separator: String, needsParentheses: (Filter) -> Bool) {
        writeList(parts, separator: separator) { printer, part in
            if needsParentheses(part) { printer.writeParenthesised(part) } else { printer.writeFilter(part) }
        }
    }

    private mutating func writeField(_ name: ByteString, _ condition: FieldCondition) {
        // `*` alone is every record, so that "any message" needs its name.
        if name != StandardFields.message || condition == .any {
            writeName(name)
            write(":")
        }
        writeFieldCondition(condition)
    }

    private mutating func writeFieldCondition(_ condition: FieldCondition) {
        switch condition {
        case .empty: write("\"\"")
        case .any: write("*")
        case .phrase(let value): writeValue(value)
        case .prefix(let value): writeStarred(value)
        case .substring(let value):
            write("*")
            writeStarred(value)
        case .exact(let value):
            write("=")
            writeValue(value)
        case .exactPrefix(let value):
            write("=")
            writeStarred(value)
        case .regexp(let expression):
            write("~")
            writeValue(expression)
        case .compare(let comparison):
            write(comparison.comparator.rawValue)
            writeOperand(comparison.operand)
        default: writeFunctionCondition(condition)
        }
    }

    private mutating func writeStarred(_ value: ByteString) {
        writeValue(value)
        write("*")
    }

    private mutating func writeOperand(_ operand: ByteString) {
        let isNumber = NumericText.value(operand.bytes.rawSpan) != nil
        if isNumber, let text = String(validating: operand.bytes, as: UTF8.self) {
            writeLiteral(text)
        } else if QuotedText.beginsLikeNumber(operand.bytes) {
            writeQuoted(operand)
        } else {
            writeValue(operand)
        }
    }

    private mutating func writeFunctionCondition(_ condition: FieldCondition) {
        switch condition {
        case .isIn(let source): writeSource("in", source)
        case .containsAll(let source): writeSource("contains_all", source)
        case .containsAny(let source): writeSource("contains_any", source)
        case .anyCasePhrase(let value): writeCall("i") { $0.writeValue(value) }
        case .anyCasePrefix(let value):
            writeCall("i") { if value.isEmpty { $0.write("*") } else { $0.writeStarred(value) } }
        case .containsCommonCase(let values): writeValues("contains_common_case", values)
        case .equalsCommonCase(let values): writeValues("equals_common_case", values)
        case .sequence(let values): writeValues("seq", values)
        case .ipv4Range(let range): writeAddresses(range)
        case .stringRange(let lower, let upper): writeValues("string_range", [lower, upper], separator: ", ")
        case .lengthRange(let range):
            writeCall("len_range") {
                $0.writeLiteral(range.lowerText)
                $0.write(", ")
                $0.writeLiteral(range.upperText)
            }
        case .valueType(let name): writeCall("value_type") { $0.writeName(name) }
        case .equalsField(let other): writeCall("eq_field") { $0.writeName(other) }
        case .lessThanField(let other): writeCall("lt_field") { $0.writeName(other) }
        case .atMostField(let other): writeCall("le_field") { $0.writeName(other) }
        case .patternMatch(let match): writeCall(match.place.rawValue) { $0.writeQuoted(match.pattern) }
        case .range(let range): writeRange(range)
        case .empty, .any, .phrase, .prefix, .substring, .exact, .exactPrefix, .regexp, .compare:
            preconditionFailure("written by writeFieldCondition")
        }
    }

    private mutating func writeRange(_ range: NumberRange) {
        write("range")
        write(range.includesLower ? "[" : "(")
        writeLiteral(range.lower.text)
        write(", ")
        writeLiteral(range.upper.text)
        write(range.includesUpper ? "]" : ")")
    }

    private mutating func writeCall(_ name: String, _ arguments: (inout QueryPrinter) -> Void) {
        write(name + "(")
        arguments(&self)
        write(")")
    }

    private mutating func writeValues(_ name: String, _ values: [ByteString], separator: String = ",") {
        writeCall(name) { $0.writeList(values, separator: separator) { $0.writeValue($1) } }
    }

    private mutating func writeSource(_ name: String, _ source: ValueSource) {
        switch source {
        case .values(let values): writeValues(name, values)
        case .query(let query, _): writeCall(name) { $0.writeQuery(query) }
        case .anything: write(name + "(*)")
        }
    }

    private mutating func writeAddresses(_ range: IPv4Range) {
        func dotted(_ address: UInt32) -> String {
            "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
        }
        write("ipv4_range(\(dotted(range.lower)), \(dotted(range.upper)))")
    }

    private mutating func writeSelector(_ selector: StreamSelector) {
        write("{")
        writeList(selector.alternatives, separator: " or ") { printer, matchers in
            printer.writeList(matchers, separator: ",") { $0.writeMatcher($1) }
        }
        write("}")
    }

    private mutating func writeMatcher(_ matcher: LabelMatcher) {
        writeName(matcher.label)
        switch matcher.test {
        case .equals(let value):
            write(matcher.isNegated ? "!=" : "=")
            writeQuoted(value)
        case .matches(let expression):
            write(matcher.isNegated ? "!~" : "=~")
            writeQuoted(expression)
        }
    }
}
