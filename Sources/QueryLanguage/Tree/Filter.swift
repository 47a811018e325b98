import Bytes

/// What a record must hold. `and`, `or` have at least two parts, none of which is of the same kind (the parser
/// flattens).
public indirect enum Filter: Hashable, Sendable {
    /// `*`: every record.
    case all
    case and([Filter])
    case or([Filter])
    case not(Filter)
    /// A condition on one field; `_msg` unless the query names another.
    case field(ByteString, FieldCondition)
    /// `_time:…`.
    case time(TimeFilter)
    /// `{…}` or `_stream:{…}`.
    case stream(StreamSelector)
    /// `_stream_id:x`, `_stream_id:in(…)`.
    case streamID(ValueSource)
}

/// A condition on the value of one field. A field that a record lacks has the empty value.
public enum FieldCondition: Hashable, Sendable {
    /// `f:""`: empty or missing.
    case empty
    /// `f:*`: any value but the empty one.
    case any
    /// `f:word`, `f:"a phrase"`: occurs between word boundaries. Never empty.
    case phrase(ByteString)
    /// `f:word*`, `f:"a phrase"*`: occurs after a word boundary. Never empty (that is `any`).
    case prefix(ByteString)
    /// `f:*text*`: occurs anywhere.
    case substring(ByteString)
    /// `f:=value`.
    case exact(ByteString)
    /// `f:=prefix*`.
    case exactPrefix(ByteString)
    /// `f:in(…)`: equals one of.
    case isIn(ValueSource)
    /// `f:contains_all(…)`: every one occurs as a phrase.
    case containsAll(ValueSource)
    /// `f:contains_any(…)`: at least one occurs as a phrase.
    case containsAny(ValueSource)
    /// `f:i(phrase)`: `phrase` without regard to case.
    case anyCasePhrase(ByteString)
    /// `f:i(prefix*)`; the empty prefix means any value.
    case anyCasePrefix(ByteString)
    /// `f:contains_common_case(…)`: one of the phrases, or its all-lower, all-upper or capitalised form, occurs.
    case containsCommonCase([ByteString])
    /// `f:equals_common_case(…)`: the value is one of these, or one of their common forms.
    case equalsCommonCase([ByteString])
    /// `f:seq(a, b)`: the phrases occur one after another.
    case sequence([ByteString])
    /// `f:~"re"`: RE2 finds a match anywhere. The text is RE2's to check.
    case regexp(ByteString)
    /// `f:range(a, b]`.
    case range(NumberRange)
    /// `f:>x` and its kin, on numbers, IPv4 addresses or, failing these, texts.
    case compare(Comparison)
    /// `f:ipv4_range(…)`.
    case ipv4Range(IPv4Range)
    /// `f:string_range(a, b)`: `lower <= value < upper` in byte order.
    case stringRange(lower: ByteString, upper: ByteString)
    /// `f:len_range(a, b)`: length in characters (code points), both ends included.
    case lengthRange(LengthRange)
    /// `f:value_type(name)`: how the block stores the field.
    case valueType(ByteString)
    /// `f:eq_field(other)`: same value.
    case equalsField(ByteString)
    /// `f:lt_field(other)`.
    case lessThanField(ByteString)
    /// `f:le_field(other)`.
    case atMostField(ByteString)
    /// `f:pattern_match("<N> of <IP4>")` and its kin.
    case patternMatch(PatternMatch)
}

/// The values of `in(…)`, `contains_all(…)`, `contains_any(…)`: listed, or found by a subquery.
public enum ValueSource: Hashable, Sendable {
    case values([ByteString])
    /// The values of `field` in the results; the parser makes sure that the query ends in the one field.
    case query(Query, field: ByteString)
    /// `in(*)`: no restriction at all.
    case anything
}

public enum ComparisonOperator: String, Hashable, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// `>10KiB`, `<"John"`, `>=10.0.0.1`.
public struct Comparison: Hashable, Sendable {
    public var comparator: ComparisonOperator
    /// As it was written, without quotes.
    public var operand: ByteString

    public init(_ comparator: ComparisonOperator, _ operand: ByteString) {
        self.comparator = comparator
        self.operand = operand
    }

    /// The operand as a number (plain, duration in nanoseconds, size in bytes, RFC 3339 in nanoseconds, IPv4 as its
    /// 32 bits), or nil: then texts are compared, in byte order.
    public var number: Double? { NumericText.value(operand.bytes.rawSpan) }
}

/// `range(…)` with the parentheses and brackets as ends: numbers from `lower` to `upper`.
public struct NumberRange: Hashable, Sendable {
    public var lower: NumberLiteral
    public var includesLower: Bool
    public var upper: NumberLiteral
    public var includesUpper: Bool

    public init(lower: NumberLiteral, includesLower: Bool, upper: NumberLiteral, includesUpper: Bool) {
        self.lower = lower
        self.includesLower = includesLower
        self.upper = upper
        self.includesUpper = includesUpper
    }

    /// NaN is in no range. O(1).
    public func contains(_ value: Double) -> Bool {
        (includesLower ? value >= lower.value : value > lower.value)
            && (includesUpper ? value <= upper.value : value < upper.value)
    }
}

/// `ipv4_range(a, b)`, `ipv4_range("a/bits")`, `ipv4_range(a)`: addresses as 32-bit numbers, both ends included.
public struct IPv4Range: Hashable, Sendable {
    public var lower: UInt32
    public var upper: UInt32

    public init(lower: UInt32, upper: UInt32) {
        self.lower = lower
        self.upper = upper
    }
}

/// `len_range(a, b)`: both ends included; `UInt64.max` is `inf`.
public struct LengthRange: Hashable, Sendable {
    public var lower: UInt64
    public var upper: UInt64
    /// As they were written.
    public var lowerText: String
    public var upperText: String

    public init(lower: UInt64, upper: UInt64, lowerText: String? = nil, upperText: String? = nil) {
        self.lower = lower
        self.upper = upper
        self.lowerText = lowerText ?? "\(lower)"
        self.upperText = upperText ?? (upper == .max ? "inf" : "\(upper)")
    }
}

/// `pattern_match…("…")`: a text with `<N>`, `<UUID>`, `<IP4>`, `<TIME>`, `<DATE>`, `<DATETIME>` and `<W>` for what
/// varies.
public struct PatternMatch: Hashable, Sendable {
    public enum Place: String, Hashable, Sendable {
        case anywhere = "pattern_match"
        case full = "pattern_match_full"
        case prefix = "pattern_match_prefix"
        case suffix = "pattern_match_suffix"
    }

    public var place: Place
    public var pattern: ByteString

    public init(place: Place, pattern: ByteString) {
        self.place = place
        self.pattern = pattern
    }
}
