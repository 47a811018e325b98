import Bytes

/// The `_stream` text of labels: `{a="b",c="d"}`, by name, as Prometheus writes label values.
enum StreamText {
    /// O(labels log labels + bytes). A label without a value is left out.
    static func make(_ labels: [(name: [UInt8], value: [UInt8])]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for label in labels.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) where !label.value.isEmpty {
            if text.count > 1 { text.append(.comma) }
            text.append(contentsOf: label.name)
            text.append(UInt8(ascii: "="))
            appendQuotedLabel(label.value.rawSpan, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }
}

/// Appends a Prometheus label value with its quotes.
func appendQuotedLabel(_ value: RawSpan, to text: inout [UInt8]) {
    text.append(.quote)
    for place in 0..<value.byteCount {
        switch value[place] {
        case UInt8(ascii: "\\"): text.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
        case .quote: text.append(contentsOf: [UInt8(ascii: "\\"), .quote])
        case .lineFeed: text.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
        default: text.append(value[place])
        }
    }
    text.append(.quote)
}
