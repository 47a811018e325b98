/// What a template computes with.
enum TemplateValue: Hashable, Sendable {
    case number(Double)
    case text(String)

    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): NumberText.plain(number)
        }
    }

    var number: Double? {
        switch self {
        case .number(let number): number
        case .text(let text): Double(text)
        }
    }
}

/// The functions of Prometheus' templates that make sense without a query in hand.
enum TemplateFunction: String, CaseIterable, Sendable {
    case humanize, humanize1024, humanizeDuration, humanizePercentage, toUpper, toLower, title, printf, queryEscape
    case quotesEscape

    func apply(_ arguments: [TemplateValue]) -> TemplateValue {
        guard let last = arguments.last else { return .text("") }
        switch self {
        case .humanize: return number(last) { NumberText.scaled($0, base: 1_000) }
        case .humanize1024: return number(last) { NumberText.scaled($0, base: 1_024) }
        case .humanizeDuration: return number(last, NumberText.duration)
        case .humanizePercentage: return number(last) { NumberText.significant($0 * 100, digits: 4) + "%" }
        case .toUpper: return .text(last.text.uppercased())
        case .toLower: return .text(last.text.lowercased())
        case .title: return .text(last.text.prefix(1).uppercased() + last.text.dropFirst())
        case .printf: return .text(NumberText.format(arguments[0].text, Array(arguments.dropFirst())))
        case .queryEscape: return .text(Self.escape(last.text))
        case .quotesEscape:
            return .text(last.text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }.map(String.init).joined())
        }
    }

    private func number(_ value: TemplateValue, _ show: (Double) -> String) -> TemplateValue {
        // As in Prometheus, a text that is no number is an error of the template; it is shown, not hidden.
        .text(value.number.map(show) ?? "<\(rawValue): \(value.text) is no number>")
    }

    /// Percent-encodes all but unreserved characters, for use in a link.
    static func escape(_ text: String) -> String {
        var bytes: [UInt8] = []
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
