/// The life of alerts: inactive → pending → firing → resolved. A pure state machine: it is told the time and what was
/// found, and returns what happened; queries, files and receivers are elsewhere.
public struct AlertEngine: Sendable {
    public private(set) var rules: RuleSet
    /// Pending and firing, by key.
    public private(set) var active: [String: Alert] = [:]
    /// Newest last, `AlertLimits.resolvedAlerts` at most.
    public private(set) var resolved: [Alert] = []
    /// By rule key.
    public private(set) var health: [String: RuleHealth] = [:]

    private var rulesByKey: [String: AlertRule] = [:]
    private var groupOfRule: [String: String] = [:]
    /// Last evaluation moment, by file and group name.
    private var lastMoments: [String: Int64] = [:]
    /// What stands before links in texts that rules make.
    var externalURL: String

    /// `restored`: alerts kept from before; pending and firing ones go on where they were.
    public init(rules: RuleSet, restored: [Alert] = [], externalURL: String = "") {
        self.rules = rules
        self.externalURL = externalURL
        index()
        for alert in restored {
            if alert.state == .resolved { resolved.append(alert) } else { active[alert.key] = alert }
        }
        resolved.sort { ($0.resolvedAt ?? 0, $0.key) < ($1.resolvedAt ?? 0, $1.key) }
        trimResolved()
    }

    private mutating func index() {
        rulesByKey = [:]
        groupOfRule = [:]
        for group in rules.groups {
            for rule in group.rules {
                rulesByKey[rule.key] = rule
                groupOfRule[rule.key] = group.name
            }
        }
    }

    /// Puts other rules in place. Alerts of rules that are gone end; the others go on.
    public mutating func setRules(_ rules: RuleSet, at now: Int64) -> [AlertAction] {
        self.rules = rules
        index()
        health = health.filter { rulesByKey[$0.key] != nil }
        return endOrphans(at: now)
    }

    /// Ends alerts whose rule no longer exists; after a restart with other rules, too.
    public mutating func endOrphans(at now: Int64) -> [AlertAction] {
        var actions: [AlertAction] = []
        for key in active.keys.sorted() where rulesByKey[active[key]!.ruleKey] == nil {
            active[key]!.isHolding = false
            end(key, at: now, &actions)
        }
        return actions
    }

    // MARK: queries

    /// A group that is to be evaluated, and as of when.
    public struct Evaluation: Sendable {
        public var group: RuleGroup
        /// Nanoseconds since the epoch.
        public var time: Int64
    }

    /// Groups whose moment has come; each is returned once for its latest moment. Moments that were slept through are
    /// not made up for, as in Prometheus.
    public mutating func due(at now: Int64) -> [Evaluation] {
        var evaluations: [Evaluation] = []
        for group in rules.groups where group.rules.contains(where: \.isQuery) {
            let since = now - group.offset
            let moment = since - (since % group.interval + group.interval) % group.interval + group.offset
            let name = "\(group.file)\u{1F}\(group.name)"
            if let last = lastMoments[name], moment <= last { continue }
            lastMoments[name] = moment
            evaluations.append(Evaluation(group: group, time: moment))
        }
        return evaluations
    }

    /// Takes in the answer to a rule's query. More instances than the group's limit make the rule be in error and
    /// change nothing else.
    public mutating func evaluated(
        _ rule: AlertRule, of group: RuleGroup, samples: [AlertSample], at time: Int64, tookNanoseconds: Int64 = 0
    ) -> [AlertAction] {
        let most = group.limit > 0 ? group.limit : AlertLimits.activeAlerts
        let others = active.count { $0.value.ruleKey != rule.key }
        guard samples.count <= min(most, AlertLimits.activeAlerts - others) else {
            failed(rule, "\(samples.count) alerts, the limit is \(most)", at: time)
            return []
        }
        note(rule, at: time, took: tookNanoseconds, samples: samples.count, error: nil)
        var actions: [AlertAction] = []
        var held: Set<String> = []
        let names = Set(samples.map { $0.labels["__name__"] ?? "" })
        for sample in samples {
            var labels = sample.labels
            let name = labels.removeValue(forKey: "__name__")
            // Two results of one query would otherwise be the same alert.
            if names.count > 1 { labels["stats_result"] = name ?? "" }
            let key = "\(rule.key)\u{1F}\(Alert.fingerprint(labels))"
            guard held.insert(key).inserted else { continue }
            hold(key, rule, labels: labels, value: sample.value, evidence: active[key]?.evidence, at: time, &actions)
        }
        for key in active.keys.sorted() where active[key]!.ruleKey == rule.key && !held.contains(key) {
            active[key]!.isHolding = false
            settle(key, at: time, &actions)
        }
        return actions
    }

    /// A query that failed changes no alert: not knowing is not the same as being well.
    public mutating func failed(_ rule: AlertRule, _ error: String, at time: Int64) {
        note(rule, at: time, took: 0, samples: 0, error: error)
    }

    private mutating func note(_ rule: AlertRule, at time: Int64, took: Int64, samples: Int, error: String?) {
        var entry = health[rule.key, default: RuleHealth()]
        entry.evaluatedAt = time
        entry.durationNanoseconds = took
        entry.samples = samples
        entry.error = error
        if error != nil { entry.errors += 1 }
        health[rule.key] = entry
    }

    /// Adds the records that speak for a query's alert, and where all of them are shown.
    public mutating func attach(_ samples: [SampleLine], link: String = "", to key: String) -> [AlertAction] {
        guard var alert = active[key] else { return [] }
        var evidence = alert.evidence ?? AlertEvidence()
        evidence.setSamples(samples)
        evidence.link = link
        guard evidence != alert.evidence else { return [] }
        alert.evidence = evidence
        active[key] = alert
        return [.updated(alert)]
    }

    // MARK: findings

    /// Takes in a finding, new or changed.
    public mutating func received(_ notice: FindingNotice, at now: Int64) -> [AlertAction] {
        var actions: [AlertAction] = []
        for group in rules.groups {
            for rule in group.rules {
                guard case .deviation(let condition) = rule.source else { continue }
                let key = "\(rule.key)\u{1F}\(notice.id)"
                // What fired stays with its finding, even if its score falls below the rule's again.
                guard active[key] != nil || condition.matches(notice) else { continue }
                take(notice, by: rule, key: key, at: now, &actions)
            }
        }
        return actions
    }

    private mutating func take(
        _ notice: FindingNotice, by rule: AlertRule, key: String, at now: Int64, _ actions: inout [AlertAction]
    ) {
        let isKnown = active[key] != nil || resolved.contains { $0.key == key }
        if notice.resolvedAt != nil && active[key] == nil && isKnown { return }
        if active[key] == nil && active.count >= AlertLimits.activeAlerts {
            failed(
                rule, "\(AlertLimits.activeAlerts) alerts are active, the finding \(notice.id) was left out", at: now)
            return
        }
        note(rule, at: now, took: 0, samples: 1, error: nil)
        var labels = notice.labels
        labels["finding"] = notice.id
        labels["kind"] = notice.kind
        // One that was over before it was ever told still fires, and then ends: a short spike is news, too.
        hold(key, rule, labels: labels, value: notice.observed, evidence: AlertEvidence(notice), at: now, &actions)
        if notice.resolvedAt != nil {
            active[key]!.isHolding = false
            settle(key, at: now, &actions)
        }
    }

    /// Ends alerts about findings that are not open any more, for a start after the watching layer went on alone.
    public mutating func reconcile(openFindings: Set<String>, at now: Int64) -> [AlertAction] {
        var actions: [AlertAction] = []
        for key in active.keys.sorted() {
            guard let finding = active[key]!.evidence?.findingID, !openFindings.contains(finding) else { continue }
            active[key]!.isHolding = false
            settle(key, at: now, &actions)
        }
        return actions
    }

    /// Lets time pass: alerts about findings become firing when `for` is over, and end when `keep_firing_for` is.
    public mutating func tick(at now: Int64) -> [AlertAction] {
        var actions: [AlertAction] = []
        for key in active.keys.sorted() where active[key]!.evidence?.findingID != nil {
            if active[key]!.isHolding { active[key]!.lastHeldAt = now }
            settle(key, at: now, &actions)
        }
        return actions
    }

    // MARK: transitions

    private mutating func hold(
        _ key: String, _ rule: AlertRule, labels: [String: String], value: Double, evidence: AlertEvidence?,
        at now: Int64,
        _ actions: inout [AlertAction]
    ) {
        let isNew = active[key] == nil
        var alert =
            active[key]
            ?? Alert(
                key: key, ruleKey: rule.key, name: rule.name, group: groupOfRule[rule.key] ?? "", labels: labels,
                annotations: [:], state: .pending, activeAt: now, lastHeldAt: now, isHolding: true, value: value)
        let before = alert
        alert.isHolding = true
        alert.lastHeldAt = max(alert.lastHeldAt, now)
        alert.value = value
        alert.evidence = evidence
        expand(rule, &alert, sampleLabels: labels, isNew: isNew)
        active[key] = alert
        if isNew {
            actions.append(.pending(alert))
        } else if alert.value != before.value || alert.evidence != before.evidence {
            actions.append(.updated(alert))
        }
        settle(key, at: now, &actions)
    }

    private func expand(_ rule: AlertRule, _ alert: inout Alert, sampleLabels: [String: String], isNew: Bool) {
        var context = TemplateContext(value: alert.value, labels: sampleLabels)
        context.fill(rule, alert, externalURL: externalURL)
        if isNew {
            for pair in rule.labels {
                let value = pair.template.expand(context)
                // An empty label is no label.
                alert.labels[pair.name] = value.isEmpty ? nil : value
            }
            alert.labels["alertname"] = rule.name
        }
        alert.annotations = [:]
        for pair in rule.annotations { alert.annotations[pair.name] = pair.template.expand(context) }
    }

    private mutating func settle(_ key: String, at now: Int64, _ actions: inout [AlertAction]) {
        guard var alert = active[key], let rule = rulesByKey[alert.ruleKey] else { return }
        if alert.state == .pending && now - alert.activeAt >= rule.forNanoseconds
            && (alert.isHolding || rule.forNanoseconds == 0)
        {
            alert.state = .firing
            alert.firedAt = now
            active[key] = alert
            actions.append(.fired(alert))
        }
        guard !alert.isHolding else { return }
        if alert.state == .pending || now - alert.lastHeldAt >= rule.keepFiringNanoseconds {
            end(key, at: now, &actions)
        }
    }

    private mutating func end(_ key: String, at now: Int64, _ actions: inout [AlertAction]) {
        guard var alert = active.removeValue(forKey: key) else { return }
        guard alert.state == .firing else {
            actions.append(.dropped(alert))
            return
        }
        alert.state = .resolved
        alert.resolvedAt = now
        resolved.removeAll { $0.key == key }
        resolved.append(alert)
        trimResolved()
        actions.append(.resolved(alert))
    }

    private mutating func trimResolved() {
        resolved.removeFirst(max(0, resolved.count - AlertLimits.resolvedAlerts))
    }
}

extension AlertRule {
    var isQuery: Bool { if case .query = source { true } else { false } }
}
