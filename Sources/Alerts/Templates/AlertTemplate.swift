/// A template that cannot be expanded, found when the rule file is read.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: String
    public var description: String { reason }
}

/// Text with `{{ … }}` in it, the part of Prometheus' templates that labels and annotations use: `$value`, `$labels.x`,
/// `index $labels "x.y"`, pipelines of functions, `{{-` and `-}}`. Control structures are refused, not ignored.
public struct AlertTemplate: Hashable, Sendable {
    enum Piece: Hashable, Sendable {
        case text(String)
        case value(TemplateExpression)
    }

    public let source: String
    let pieces: [Piece]

    public init(_ source: String) throws(TemplateError) {
        self.source = source
        var pieces: [Piece] = []
        var rest = source[...]
        var trimsStart = false
        while let open = rest.firstRange(of: "{{") {
            var text = String(rest[..<open.lowerBound])
            if trimsStart { text = text.trimmingStart() }
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw TemplateError(reason: "\"{{\" without \"}}\"")
            }
            var inner = rest[open.upperBound..<close.lowerBound]
            if inner.hasPrefix("- ") {
                text = text.trimmingEnd()
                inner = inner.dropFirst(2)
            }
            trimsStart = inner.hasSuffix(" -")
            if trimsStart { inner = inner.dropLast(2) }
            if !text.isEmpty { pieces.append(.text(text)) }
            let trimmed = String(inner).trimmingStart().trimmingEnd()
            if !(trimmed.hasPrefix("/*") && trimmed.hasSuffix("*/")) {
                pieces.append(.value(try TemplateExpression(trimmed)))
            }
            rest = rest[close.upperBound...]
        }
        let text = trimsStart ? String(rest).trimmingStart() : String(rest)
        if !text.isEmpty { pieces.append(.text(text)) }
        self.pieces = pieces
    }

    /// The text with every value put in. A label that is missing expands to nothing, as in Prometheus. O(length).
    public func expand(_ context: TemplateContext) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let plain): text += plain
            case .value(let expression): text += expression.evaluate(context).text
            }
        }
        return text
    }
}

/// What the names in a template stand for.
public struct TemplateContext: Sendable {
    public var value: Double
    public var labels: [String: String]
    /// `$expr`, `$title`, `$onset`, …: names without the dollar sign.
    public var texts: [String: String] = [:]
    public var numbers: [String: Double] = [:]

    public init(value: Double, labels: [String: String]) {
        self.value = value
        self.labels = labels
    }

    /// Names besides `$value` and `$labels`.
    static let names: Set<String> = [
        "expr", "for", "alertID", "activeAt", "externalURL", "title", "series", "kind", "onset", "expectedLow",
        "expectedHigh", "score", "cause", "link",
    ]
}

extension String {
    fileprivate func trimmingStart() -> String { String(drop { $0.isWhitespace }) }

    fileprivate func trimmingEnd() -> String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
