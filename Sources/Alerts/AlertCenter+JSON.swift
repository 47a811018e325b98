import Records

extension AlertCenter {
    /// The answer of Prometheus' `/api/v1/alerts`, with our members added.
    public func alertsJSON(includingResolved: Bool = false) -> JSONValue {
        let alerts = alerts(includingResolved: includingResolved).map(\.json)
        return ["status": "success", "data": ["alerts": .array(alerts)]]
    }

    /// The answer of Prometheus' `/api/v1/rules`.
    public func rulesJSON() -> JSONValue {
        let active = Dictionary(grouping: engine.active.values, by: \.ruleKey)
        let groups = rules().map { entry -> JSONValue in
            let rules = entry.rules.map { Self.json($0.rule, $0.health, active[$0.rule.key] ?? []) }
            return [
                "name": .string(entry.group.name),
                "file": .string(entry.group.file),
                "interval": .number(Double(entry.group.interval) / 1e9),
                "limit": .number(entry.group.limit),
                "rules": .array(rules),
            ]
        }
        return ["status": "success", "data": ["groups": .array(groups)]]
    }

    private static func json(_ rule: AlertRule, _ health: RuleHealth, _ alerts: [Alert]) -> JSONValue {
        let isFiring = alerts.contains { $0.state == .firing }
        let query: String =
            switch rule.source {
            case .query(let expression): expression
            case .deviation: "deviation"
            }
        let sorted = alerts.sorted { ($0.activeAt, $0.key) < ($1.activeAt, $1.key) }
        return .object(present: [
            ("type", "alerting"), ("name", .string(rule.name)), ("query", .string(query)),
            ("duration", .number(Double(rule.forNanoseconds) / 1e9)),
            ("keepFiringFor", .number(Double(rule.keepFiringNanoseconds) / 1e9)),
            ("labels", .labels(templates(rule.labels))), ("annotations", .labels(templates(rule.annotations))),
            ("state", .string(isFiring ? "firing" : alerts.isEmpty ? "inactive" : "pending")),
            ("health", .string(health.error != nil ? "err" : health.evaluatedAt == nil ? "unknown" : "ok")),
            ("lastError", health.error.map { .string($0) }),
            ("lastEvaluation", health.evaluatedAt.map { .time($0) }),
            ("evaluationTime", .number(Double(health.durationNanoseconds) / 1e9)),
            ("lastSamples", .number(health.samples)), ("errors", .number(health.errors)),
            ("alerts", .array(sorted.map(\.json))),
        ])
    }

    private static func templates(_ pairs: [TemplatedPair]) -> [String: String] {
        Dictionary(pairs.map { ($0.name, $0.template.source) }) { _, last in last }
    }

    /// The answer of `/api/v1/incidents`.
    public func incidentsJSON() -> JSONValue {
        ["summary": book.summary.json, "incidents": .array(book.incidents.reversed().map(\.json))]
    }

    public func statusJSON() -> JSONValue {
        let status = status()
        return .object(present: [
            ("pending", .number(status.pending)), ("firing", .number(status.firing)),
            ("waitingDeliveries", .number(status.waitingDeliveries)),
            ("delivered", .number(status.deliveries.delivered)),
            ("failedTries", .number(status.deliveries.failedTries)),
            ("droppedDeliveries", .number(status.deliveries.dropped)),
            ("lastDropReason", status.deliveries.lastDropReason.map { .string($0) }),
            ("lostFindings", .number(status.lostFindings)), ("rulesInError", .number(status.rulesInError)),
            ("droppedStateBytes", .number(status.droppedStateBytes)),
            ("diskError", status.diskError.map { .string($0) }),
        ])
    }
}
