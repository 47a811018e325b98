extension RuleSet {
    /// Reads a rule file in the form of Prometheus and vmalert (`type: vlogs`), with `deviation` as our own
    /// alternative to `expr`. Everything that would be ignored is refused instead. `checkQuery` returns what is wrong
    /// with a LogsQL text, or nil.
    public init(
        parsing bytes: [UInt8], file: String, checkQuery: (String) -> String? = RuleQuery.check
    ) throws(SettingsError) {
        let root = try YAMLText.read(bytes, file: file)
        let members = try root.members(known: ["groups"])
        guard let list = members["groups"] else { throw root.error("\"groups\" expected") }
        groups = []
        for node in try list.elements() {
            let group = try RuleGroup(reading: node, checkQuery: checkQuery)
            guard !groups.contains(where: { $0.name == group.name }) else {
                throw node.error("the group \"\(group.name)\" stands twice in this file")
            }
            groups.append(group)
        }
    }
}

extension RuleGroup {
    private static let known = [
        "name", "type", "interval", "limit", "eval_offset", "labels", "rules", "concurrency",
    ]

    fileprivate init(reading node: SettingsNode, checkQuery: (String) -> String?) throws(SettingsError) {
        let members = try node.members(known: Self.known)
        guard let name = try members["name"]?.text(), !name.isEmpty else { throw node.error("\"name\" expected") }
        self.name = name
        file = node.file
        if let type = members["type"], try type.text() != "vlogs" {
            throw type.error("type vlogs expected: expressions are LogsQL")
        }
        interval = try members["interval"]?.duration() ?? 60_000_000_000
        guard interval >= AlertLimits.shortestInterval else {
            throw members["interval"]!.error("at least \(DurationText.print(AlertLimits.shortestInterval)) expected")
        }
        offset = try members["eval_offset"]?.duration() ?? 0
        guard offset < interval else { throw members["eval_offset"]!.error("less than the interval expected") }
        limit = try members["limit"]?.count() ?? 0
        let groupLabels = try members["labels"]?.strings() ?? []
        rules = []
        var keys: Set<String> = []
        for ruleNode in try members["rules"]?.elements() ?? [] {
            var rule = try AlertRule(reading: ruleNode, groupLabels: groupLabels, checkQuery: checkQuery)
            let labels = rule.labels.map { "\($0.name)=\($0.template.source)" }.sorted()
            rule.key = ([file, name, rule.name] + labels).joined(separator: "\u{1F}")
            guard keys.insert(rule.key).inserted else {
                throw ruleNode.error(
                    "the alert \"\(rule.name)\" with these labels stands twice in the group \"\(name)\"")
            }
            rules.append(rule)
        }
    }
}

extension AlertRule {
    private static let known = [
        "alert", "record", "expr", "deviation", "for", "keep_firing_for", "labels", "annotations",
    ]

    fileprivate init(
        reading node: SettingsNode, groupLabels: [(key: String, value: SettingsNode)], checkQuery: (String) -> String?
    ) throws(SettingsError) {
        let members = try node.members(known: Self.known)
        if let record = members["record"] {
            throw record.error("recording rules are not supported: a query over the stored records is fast enough")
        }
        guard let name = try members["alert"]?.text(), !name.isEmpty else { throw node.error("\"alert\" expected") }
        self.name = name
        file = node.file
        line = node.line
        switch (members["expr"], members["deviation"]) {
        case (let expression?, nil):
            let text = try expression.text()
            if let problem = checkQuery(text) { throw expression.error(problem) }
            source = .query(text)
        case (nil, let deviation?): source = .deviation(try DeviationCondition(reading: deviation))
        case (nil, nil): throw node.error("\"expr\" or \"deviation\" expected")
        default: throw node.error("\"expr\" or \"deviation\" expected, not both")
        }
        forNanoseconds = try members["for"]?.duration() ?? 0
        keepFiringNanoseconds = try members["keep_firing_for"]?.duration() ?? 0
        labels = []
        for (key, value) in groupLabels + (try members["labels"]?.strings() ?? []) {
            guard Self.isLabelName(key) else { throw value.error("a label name of letters, digits and _ expected") }
            labels.removeAll { $0.name == key }
            labels.append(try TemplatedPair(reading: value, name: key))
        }
        annotations = []
        for (key, value) in try members["annotations"]?.strings() ?? [] {
            annotations.append(try TemplatedPair(reading: value, name: key))
        }
    }

    private static func isLabelName(_ name: String) -> Bool {
        name.wholeMatch(of: #/[a-zA-Z_][a-zA-Z0-9_]*/#) != nil && name != "alertname"
    }
}

extension TemplatedPair {
    fileprivate init(reading node: SettingsNode, name: String) throws(SettingsError) {
        self.name = name
        do { template = try AlertTemplate(node.content.scalarText) } catch { throw node.error(error.reason) }
    }
}

extension SettingsNode.Content {
    fileprivate var scalarText: String {
        if case .scalar(let text) = self { text } else { "" }
    }
}

extension DeviationCondition {
    fileprivate init(reading node: SettingsNode) throws(SettingsError) {
        self.init()
        let members = try node.members(known: ["kind", "service", "min_score", "series", "labels"])
        kinds = try members["kind"]?.texts() ?? []
        services = try members["service"]?.texts() ?? []
        series = try members["series"]?.texts() ?? []
        if let score = members["min_score"] {
            minimumScore = try score.number()
            guard (0...1).contains(minimumScore) else { throw score.error("a score between 0 and 1 expected") }
        }
        for (key, value) in try members["labels"]?.members() ?? [] { labels[key] = try value.texts() }
    }
}
