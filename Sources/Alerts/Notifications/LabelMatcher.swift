/// One condition on a label, as Alertmanager writes it: `severity="critical"`, `service!="web"`, `team=~"a|b"`,
/// `team!~".*"`. A label that is missing counts as empty. Regular expressions match the whole value.
public struct LabelMatcher: Hashable, Sendable, CustomStringConvertible {
    public enum Operation: String, Sendable, CaseIterable {
        // Longer signs first, so that the first that fits is meant.
        case matches = "=~"
        case notMatches = "!~"
        case notEqual = "!="
        case equal = "="
    }

    public var name: String
    public var operation: Operation
    public var value: String

    public init(name: String, operation: Operation, value: String) throws(TemplateError) {
        self.name = name
        self.operation = operation
        self.value = value
        guard operation == .matches || operation == .notMatches else { return }
        guard value.utf8.count <= 1_000, (try? Regex(value)) != nil else {
            throw TemplateError(reason: "\"\(value.prefix(80))\" is no regular expression")
        }
    }

    /// Reads `name<op>"value"`; the quotes may be left out.
    public init(parsing text: String) throws(TemplateError) {
        let name = text.prefix { $0.isLetter || $0.isNumber || "_.-".contains($0) }
        let rest = text.dropFirst(name.count).drop { $0 == " " }
        guard !name.isEmpty, let operation = Operation.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
            throw TemplateError(
                reason: "a matcher such as severity=\"critical\" expected, found \"\(text.prefix(80))\"")
        }
        var value = rest.dropFirst(operation.rawValue.count).drop { $0 == " " }
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        let unescaped = value.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
        try self.init(name: String(name), operation: operation, value: String(unescaped))
    }

    public func matches(_ labels: [String: String]) -> Bool {
        let label = labels[name] ?? ""
        return switch operation {
        case .equal: label == value
        case .notEqual: label != value
        case .matches: matchesWhole(label)
        case .notMatches: !matchesWhole(label)
        }
    }

    private func matchesWhole(_ label: String) -> Bool {
        // Checked when it was made. Compiling each time costs microseconds and alerts are few; `Regex` is not Sendable.
        guard let regex = try? Regex(value) else { return false }
        return label.wholeMatch(of: regex) != nil
    }

    public var description: String {
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\(name)\(operation.rawValue)\"\(escaped)\""
    }
}
