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
        if let method = step.method { line.add(",\"http.method\":\"\(method)\"") }
        if let route = step.route {
            line.add(",\"http.route\":")
            line.add(quoted: route)
        }
        if let status = outcome.status ?? step.status { line.add(",\"http.status\":\(status)") }
        line.add(",\"duration_ms\":")
        line.value("duration")
        if step.database != nil {
            line.add(",\"db.duration_ms\":")
            line.value("db")
        }
        for (name, value) in step.fields {
            line.add(",")
            line.add(quoted: name)
            let quote = Self.isNumber(value, scenario) ? "" : "\""
            line.add(":\(quote)")
            try line.add(template: value, scenario)
            line.add(quote)
        }
        line.add("}\n")
        return line.finished()
    }

    /// Whether a field's text is one numeric variable and nothing else, so that it is written without quotes.
    private static func isNumber(_ value: String, _ scenario: Scenario) -> Bool {
        guard value.hasPrefix("${"), value.hasSuffix("}"),
            let variable = scenario.variables.first(where: { value == "${\($0.name)}" })
        else { return false }
        return switch variable.kind {
        case .integer, .decimal: true
        case .choice, .hexadecimal, .address: false
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
