import Bytes
import QueryLanguage
import Records

/// Makes filters of the query tree ready to run.
struct FilterCompiler {
    let now: Int64
    /// Answers a subquery with the values of one field.
    let values: (Query, _ field: ByteString) throws -> [ByteString]

    func compile(_ filter: Filter) throws -> any RowFilter {
        switch filter {
        case .all: EveryRow()
        case .and(let parts): AllOf(parts: try parts.map(compile))
        case .or(let parts): AnyOf(parts: try parts.map(compile))
        case .not(let part): Negation(part: try compile(part))
        case .time(let time): TimeRowFilter(time, now: now)
        case .stream(let selector): try StreamRowFilter(selector)
        case .streamID(let source):
            try list(source).map { FieldFilter(field: StandardFields.streamID, matcher: SetMatcher($0)) } ?? EveryRow()
        case .field(let name, let condition): try compile(name, condition)
        }
    }

    private func list(_ source: ValueSource) throws -> [ByteString]? {
        switch source {
        case .values(let values): values
        case .query(let query, let field): try values(query, field)
        case .anything: nil
        }
    }

    private func compile(_ field: ByteString, _ condition: FieldCondition) throws -> any RowFilter {
        if field.bytes.last == UInt8(ascii: "*") {
            // Subqueries are answered once, not once a field.
            let prepared = try prepare(condition)
            let compiler = FieldCompiler()
            return AnyFieldFilter(prefix: ByteString(field.bytes.dropLast())) { try compiler.compile($0, prepared) }
        }
        return try FieldCompiler().compile(field, try prepare(condition))
    }

    /// The condition with its subqueries answered.
    private func prepare(_ condition: FieldCondition) throws -> FieldCondition {
        switch condition {
        case .isIn(let source): .isIn(try list(source).map { .values($0) } ?? .anything)
        case .containsAll(let source): .containsAll(try list(source).map { .values($0) } ?? .anything)
        case .containsAny(let source): .containsAny(try list(source).map { .values($0) } ?? .anything)
        default: condition
        }
    }
}

/// Conditions whose subqueries are answered.
private struct FieldCompiler: Sendable {
    func compile(_ field: ByteString, _ condition: FieldCondition) throws -> any RowFilter {
        func on(_ matcher: some ValueMatcher) -> any RowFilter { FieldFilter(field: field, matcher: matcher) }
        switch condition {
        case .empty: return on(EmptyMatcher())
        case .any: return on(PresentMatcher())
        case .phrase(let phrase): return phrase.isEmpty ? on(EmptyMatcher()) : on(PhraseMatcher(phrase))
        case .prefix(let prefix):
            return prefix.isEmpty ? on(PresentMatcher()) : on(PhraseMatcher(prefix, kind: .prefix))
        case .substring(let text): return text.isEmpty ? EveryRow() : on(PhraseMatcher(text, kind: .substring))
        case .exact(let value): return on(ExactMatcher(value))
        case .exactPrefix(let prefix): return on(ExactPrefixMatcher(prefix: prefix))
        case .isIn(.values(let values)): return on(SetMatcher(values))
        case .containsAll(.values(let phrases)):
            return phrases.isEmpty ? EveryRow() : on(PhraseSetMatcher(phrases, needsAll: true))
        case .containsAny(.values(let phrases)): return on(PhraseSetMatcher(phrases, needsAll: false))
        case .isIn, .containsAll, .containsAny: return EveryRow()
        case .anyCasePhrase(let phrase):
            return phrase.isEmpty ? on(EmptyMatcher()) : on(AnyCaseMatcher(phrase, isPrefix: false))
        case .anyCasePrefix(let prefix):
            return prefix.isEmpty ? on(PresentMatcher()) : on(AnyCaseMatcher(prefix, isPrefix: true))
        case .containsCommonCase(let phrases): return on(PhraseSetMatcher(CommonCase.forms(phrases), needsAll: false))
        case .equalsCommonCase(let values): return on(SetMatcher(CommonCase.forms(values)))
        case .sequence(let phrases): return on(SequenceMatcher(phrases))
        case .regexp(let pattern): return on(RegexpMatcher(expression: try Regexp(pattern)))
        case .range(let range): return on(NumberMatcher(range))
        case .compare(let comparison): return compile(field, comparison)
        case .ipv4Range(let range): return on(IPv4Matcher(lower: range.lower, upper: range.upper))
        case .stringRange(let lower, let upper):
            return on(TextRangeMatcher(lower: lower, includesLower: true, upper: upper, includesUpper: false))
        case .lengthRange(let range): return on(LengthMatcher(lower: range.lower, upper: range.upper))
        case .valueType(let type): return ValueTypeFilter(field: field, type: type)
        case .equalsField(let other): return FieldPairFilter(left: field, right: other, relation: .equal)
        case .lessThanField(let other): return FieldPairFilter(left: field, right: other, relation: .less)
        case .atMostField(let other): return FieldPairFilter(left: field, right: other, relation: .atMost)
        case .patternMatch(let match): return on(PatternMatcher(match))
        }
    }

    private func compile(_ field: ByteString, _ comparison: Comparison) -> any RowFilter {
        let isLower = comparison.comparator == .greater || comparison.comparator == .greaterOrEqual
        let included = comparison.comparator == .greaterOrEqual || comparison.comparator == .lessOrEqual
        if let number = comparison.number {
            let matcher = NumberMatcher(
                lower: isLower ? number : -.infinity, includesLower: included || !isLower,
                upper: isLower ? .infinity : number, includesUpper: included || isLower)
            return FieldFilter(field: field, matcher: matcher)
        }
        let matcher = TextRangeMatcher(
            lower: isLower ? comparison.operand : nil, includesLower: included,
            upper: isLower ? nil : comparison.operand,
            includesUpper: included)
        return FieldFilter(field: field, matcher: matcher)
    }
}

extension NumberMatcher {
    init(_ range: NumberRange) {
        self.init(
            lower: range.lower.value, includesLower: range.includesLower, upper: range.upper.value,
            includesUpper: range.includesUpper)
    }
}
