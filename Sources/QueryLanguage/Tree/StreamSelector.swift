import Bytes

/// `{a="b",c=~"d" or e="f"}`: alternatives of label conditions that must all hold.
public struct StreamSelector: Hashable, Sendable {
    /// Or of ands. One empty alternative (`{}`) selects every stream.
    public var alternatives: [[LabelMatcher]]

    public init(alternatives: [[LabelMatcher]]) { self.alternatives = alternatives }
}

/// One condition on a stream field. A field that a stream lacks has the empty value.
public struct LabelMatcher: Hashable, Sendable {
    public enum Test: Hashable, Sendable {
        /// `=`, `!=`.
        case equals(ByteString)
        /// `=~`, `!~`: RE2 must match the whole value.
        case matches(ByteString)

        /// `in (a, b)`, which is short for `=~"a|b"` with what RE2 would read otherwise escaped.
        public static func oneOf(_ values: [ByteString]) -> Test {
            .matches(ByteString(Array(values.map { RegexpText.escaped($0.bytes) }.joined(separator: "|".utf8))))
        }
    }

    public var label: ByteString
    public var isNegated: Bool
    public var test: Test

    public init(label: ByteString, isNegated: Bool = false, test: Test) {
        self.label = label
        self.isNegated = isNegated
        self.test = test
    }
}
