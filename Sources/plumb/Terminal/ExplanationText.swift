import Records

/// An explanation's document as lines to read.
struct ExplanationText {
    private(set) var lines: [String] = []

    init(_ document: JSONValue) {
        if let title = document["title"]?.text { lines.append(title) }
        // A finding's causes are the watching layer's; the stored records' follow.
        if let records = document["records"], records["causes"] != nil {
            addCauses(document)
            lines.append("")
            addWindow(records)
        } else {
            addWindow(document)
        }
    }

    private mutating func addWindow(_ document: JSONValue) {
        func range(_ key: String) -> String {
            "\(document[key]?["from"]?.text ?? "?") … \(document[key]?["to"]?.text ?? "?")"
        }
        lines.append("window    \(range("window")), \(Self.number(document["records"])) records")
        lines.append("baseline  \(range("baseline")), \(Self.number(document["baseline_records"])) records")
        if let share = document["sampled_share"], Self.number(share) != "1.0" {
            lines.append("          only \(Self.number(share)) of the requests were looked at: too many records")
        }
        addCauses(document)
        let changes = document["changes"]?.elements ?? []
        if !changes.isEmpty { lines += ["", "what changed most"] }
        for change in changes.prefix(10) {
            let measure = change["measure"]?.text ?? ""
            let what = Self.fields(change["fields"])
            let numbers = "\(Self.number(change["before"])) → \(Self.number(change["after"]))"
            lines.append("  \(measure.isEmpty ? "share of records" : measure) \(numbers)  \(what)")
        }
    }

    private mutating func addCauses(_ document: JSONValue) {
        let causes = document["causes"]?.elements ?? []
        if causes.isEmpty { lines.append("no likely cause was found") }
        for (index, cause) in causes.prefix(3).enumerated() {
            lines.append("\(index + 1). \(Self.fields(cause["fields"]))")
            let reasons = cause["reasons"]?.elements?.compactMap(\.text) ?? [cause["evidence"]?.text ?? ""]
            for reason in reasons where !reason.isEmpty { lines.append("     \(reason)") }
            for sample in (cause["samples"]?.elements ?? []).prefix(3) { lines.append("     " + Self.sample(sample)) }
        }
        for sample in document["samples"]?.elements ?? [] { lines.append("  " + Self.sample(sample)) }
    }

    private static func sample(_ sample: JSONValue) -> String {
        let parts = ["time", "trace_id", "service", "line"].compactMap { sample[$0]?.text }
        return parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private static func fields(_ value: JSONValue?) -> String {
        guard case .object(let members)? = value else { return "" }
        return members.map { "\($0.key)=\($0.value.text ?? "")" }.joined(separator: " ")
    }

    private static func number(_ value: JSONValue?) -> String {
        guard case .number(let text)? = value else { return "?" }
        return text
    }
}
