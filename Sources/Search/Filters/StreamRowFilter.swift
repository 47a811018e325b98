import Bytes
import QueryLanguage
import Records

/// `{a="b",c=~"d"}` over the labels of `_stream`.
struct StreamRowFilter: RowFilter {
    private struct Test: Sendable {
        var label: ByteString
        var isNegated: Bool
        var matcher: any ValueMatcher

        func matches(_ labels: [(name: ByteString, value: ByteString)]) -> Bool {
            let value = labels.first { $0.name == label }?.value ?? .empty
            return matcher.matches(value.bytes.rawSpan) != isNegated
        }
    }

    private struct WholeMatcher: ValueMatcher {
        let expression: Regexp
        func matches(_ value: RawSpan) -> Bool { expression.matchesWhole(value) }
    }

    private struct LabelsMatcher: ValueMatcher {
        let alternatives: [[Test]]

        func matches(_ value: RawSpan) -> Bool {
            guard let labels = StreamNames.labels(value) else { return false }
            for tests in alternatives where tests.allSatisfy({ $0.matches(labels) }) { return true }
            return false
        }
    }

    private let filter: FieldFilter<LabelsMatcher>
    /// Labels that must have an exact, non-empty value whichever alternative holds: their columns are asked first.
    private let required: [FieldFilter<ExactMatcher>]

    init(_ selector: StreamSelector) throws(RegexpError) {
        var alternatives: [[Test]] = []
        for matchers in selector.alternatives {
            var tests: [Test] = []
            for matcher in matchers {
                let test: any ValueMatcher
                switch matcher.test {
                case .equals(let value): test = ExactMatcher(value)
                case .matches(let pattern): test = WholeMatcher(expression: try Regexp(pattern))
                case .isIn(let values): test = SetMatcher(values)
                }
                tests.append(Test(label: matcher.label, isNegated: matcher.isNegated, matcher: test))
            }
            alternatives.append(tests)
        }
        filter = FieldFilter(field: StandardFields.stream, matcher: LabelsMatcher(alternatives: alternatives))
        required = selector.alternatives.count == 1 ? Self.exactLabels(selector.alternatives[0]) : []
    }

    private static func exactLabels(_ matchers: [LabelMatcher]) -> [FieldFilter<ExactMatcher>] {
        matchers.compactMap { matcher in
            guard case .equals(let value) = matcher.test, !matcher.isNegated, !value.isEmpty else { return nil }
            return FieldFilter(field: matcher.label, matcher: ExactMatcher(value))
        }
    }

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws { try filter.narrow(&rows, of: chunk) }

    /// A stream's labels are also the row's fields.
    func mayMatch(_ block: any ColumnBlock) -> Bool { required.allSatisfy { $0.mayMatch(block) } }
}
