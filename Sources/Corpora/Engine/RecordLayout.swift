import Records

/// The order of a record's fields, and how a step's texts become JSON with gaps for values.
struct RecordLayout {
    var step: Scenario.Step
    var isTraced: Bool
    var isRoot: Bool

    /// JSON text, then the name of the value that follows it, if any.
    struct Part {
        var text: [UInt8]
        var value: String?
    }

    /// The whole line of one outcome with one of its messages, the line feed included.
    func parts(_ outcome: Scenario.Outcome, message: String, _ scenario: Scenario) throws(CorpusError) -> [Part] {
        var line = Builder()
        line.add("{\"_time\":\"")
        line.value("time")
        line.add("\",\"level\":")
        line.add(quoted: outcome.level)
        line.add(",\"service\":")
        line.add(quoted: step.service)
        line.add(",")
        line.value("pod")
        line.add(",\"_msg\":\"")
        try line.add(template: message, scenario)
        line.add("\"")
        if isTraced {
            for (name, value) in [("trace_id", "trace"), ("span_id", "span"), ("parent_span_id", "parent")]
            where !(isRoot && value == "parent") {
                line.add(",\"\(name)\":\"")
                line.value(value)
                line.add("\"")
            }
        }
        for (group, members) in Self.grouped(fields(outcome), isNested: scenario.isNested) {
            line.add(",")
            if let group {
                line.add(quoted: group)
                line.add(":{")
            }
            for (index, member) in members.enumerated() {
                if index > 0 { line.add(",") }
                line.add(quoted: member.name)
                line.add(":")
                try line.add(member.value, scenario)
            }
            if group != nil { line.add("}") }
        }
        line.add("}\n")
        return line.finished()
    }

    /// A field's value: ready JSON, one of the engine's own values, or a template.
    enum Value {
        case json(String)
        case own(String)
        case template(String)
    }

    private func fields(_ outcome: Scenario.Outcome) -> [(name: String, value: Value)] {
        var fields: [(name: String, value: Value)] = []
        if let method = step.method { fields.append(("http.method", .template(method))) }
        if let route = step.route { fields.append(("http.route", .template(route))) }
        if let status = outcome.status ?? step.status { fields.append(("http.status", .json(String(status)))) }
        fields.append(("duration_ms", .own("duration")))
        if step.database != nil { fields.append(("db.duration_ms", .own("db"))) }
        return fields + step.fields.map { ($0.name, .template($0.value)) }
    }

    /// Neighbours with the same first part of their names as one object, if the scenario nests.
    private static func grouped(
        _ fields: [(name: String, value: Value)], isNested: Bool
    ) -> [(group: String?, members: [(name: String, value: Value)])] {
        var groups: [(group: String?, members: [(name: String, value: Value)])] = []
        for field in fields {
            guard isNested, let dot = field.name.firstIndex(of: ".") else {
                groups.append((nil, [field]))
                continue
            }
            let group = String(field.name[..<dot])
            let member = (name: String(field.name[field.name.index(after: dot)...]), value: field.value)
            if groups.last?.group == group {
                groups[groups.count - 1].members.append(member)
            } else {
                groups.append((group, [member]))
            }
        }
        return groups
    }

    /// Whether a field's text is one numeric variable and nothing else, so that it is written without quotes.
    private static func isNumber(_ value: String, _ scenario: Scenario) -> Bool {
        guard value.hasPrefix("${"), value.hasSuffix("}"),
            let variable = scenario.variables.first(where: { value == "${\($0.name)}" })
        else { return false }
        return switch variable.kind {
        case .integer, .decimal: true
        case .choice, .hexadecimal, .uuid, .address: false
        }
    }

    private struct Builder {
        var parts: [Part] = []
        var text: [UInt8] = []

        mutating func add(_ ready: String) { text.append(contentsOf: ready.utf8) }
        mutating func add(quoted: String) { JSONValue.append(quoting: quoted, to: &text) }

        mutating func value(_ name: String) {
            parts.append(Part(text: text, value: name))
            text = []
        }

        mutating func add(_ field: Value, _ scenario: Scenario) throws(CorpusError) {
            switch field {
            case .json(let ready): add(ready)
            case .own(let name): value(name)
            case .template(let template):
                let quote = RecordLayout.isNumber(template, scenario) ? "" : "\""
                add(quote)
                try add(template: template, scenario)
                add(quote)
            }
        }

        /// Adds text in which `${name}` stands for a value.
        mutating func add(template: String, _ scenario: Scenario) throws(CorpusError) {
            var rest = template[...]
            while let start = rest.firstRange(of: "${") {
                JSONValue.append(escaping: String(rest[..<start.lowerBound]), to: &text)
                guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                    throw CorpusError("\"${\" without \"}\" in \(template)", place: "\(scenario.name).json")
                }
                value(String(rest[start.upperBound..<end]))
                rest = rest[rest.index(after: end)...]
            }
            JSONValue.append(escaping: String(rest), to: &text)
        }

        mutating func finished() -> [Part] {
            parts.append(Part(text: text, value: nil))
            return parts
        }
    }
}
