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
            if alternatives.contains(where: \.isEmpty) { return true }
            guard let labels = StreamNames.labels(value) else { return false }
            for tests in alternatives where tests.allSatisfy({ $0.matches(labels) }) { return true }
            return false
        }
    }

    private let filter: FieldFilter<LabelsMatcher>
    private let byFields: any RowFilter
    private let byDefaultFields: any RowFilter
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
                }
                tests.append(Test(label: matcher.label, isNegated: matcher.isNegated, matcher: test))
            }
            alternatives.append(tests)
        }
        filter = FieldFilter(field: StandardFields.stream, matcher: LabelsMatcher(alternatives: alternatives))
        byFields = Self.onFields(alternatives) { _ in true }
        byDefaultFields = Self.onFields(alternatives) { StandardFields.defaultStream.contains($0) }
        required = selector.alternatives.count == 1 ? Self.exactLabels(selector.alternatives[0]) : []
    }

    private static func exactLabels(_ matchers: [LabelMatcher]) -> [FieldFilter<ExactMatcher>] {
        matchers.compactMap { matcher in
            guard case .equals(let value) = matcher.test, !matcher.isNegated, !value.isEmpty else { return nil }
            return FieldFilter(field: matcher.label, matcher: ExactMatcher(value))
        }
    }

    /// Blocks that hold no streams of their own are asked field by field: no name of a stream is made.
    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        guard let source = chunk.blockSource, chunk.isStored(StandardFields.stream),
            try source.stored(StandardFields.stream).isMissing
        else { return try filter.narrow(&rows, of: chunk) }
        try (source.shape == .records ? byDefaultFields : byFields).narrow(&rows, of: chunk)
    }

    /// A stream's labels are also the row's fields.
    func mayMatch(_ block: any ColumnBlock) -> Bool { required.allSatisfy { $0.mayMatch(block) } }

    /// The same tests on the fields themselves. A field that `isLabel` denies is no label and has the empty value.
    private static func onFields(_ alternatives: [[Test]], isLabel: (ByteString) -> Bool) -> any RowFilter {
        AnyOf(
            parts: alternatives.map { tests in
                AllOf(
                    parts: tests.map { test -> any RowFilter in
                        if !isLabel(test.label) { return test.matches([]) ? EveryRow() : NoRow() }
                        let part = test.matcher.filter(on: test.label)
                        return test.isNegated ? Negation(part: part) : part
                    })
            })
    }
}

extension ValueMatcher {
    fileprivate func filter(on field: ByteString) -> any RowFilter { FieldFilter(field: field, matcher: self) }
}
