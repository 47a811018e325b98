import Bytes

/// A number as the query wrote it (`10KiB`, `1_000`, `1.5h`, `Inf`), with its value. Equal if written alike.
public struct NumberLiteral: Sendable {
    public let text: String
    /// Durations count nanoseconds, sizes bytes.
    public let value: Double

    /// Nil if the text is no number. O(length).
    public init?(_ text: String) {
        guard let value = NumericText.value(Array(text.utf8).rawSpan) else { return nil }
        self.text = text
        self.value = value
    }
}

extension NumberLiteral: Hashable {
    public static func == (left: NumberLiteral, right: NumberLiteral) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// A duration as the query wrote it (`1h5m`, `-2.5d`), with its value.
public struct DurationLiteral: Hashable, Sendable {
    public let text: String
    public let nanoseconds: Int64

    /// A duration in its canonical text.
    public init(nanoseconds: Int64) {
        var text: [UInt8] = []
        DurationText.append(nanoseconds, to: &text)
        self.text = nanoseconds == 0 ? "0s" : String(decoding: text, as: UTF8.self)
        self.nanoseconds = nanoseconds
    }

    /// Nil if the text is no duration. O(length).
    public init?(_ text: String) {
        guard let nanoseconds = NumericText.duration(Array(text.utf8).rawSpan) else { return nil }
        self.text = text
        self.nanoseconds = nanoseconds
    }
}
