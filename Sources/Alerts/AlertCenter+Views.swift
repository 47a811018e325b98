import Machine
import Records

/// How the alerting layer fares; every number that is not zero below the first two means that something was lost or
/// late.
public struct AlertStatus: Hashable, Sendable {
    public var pending = 0
    public var firing = 0
    public var waitingDeliveries = 0
    public var deliveries = DeliveryCounts()
    public var lostFindings = 0
    public var rulesInError = 0
    public var droppedStateBytes = 0
    public var diskError: String?
}

extension AlertCenter {
    /// Pending and firing, the longest first; then resolved ones, the latest first.
    public func alerts(includingResolved: Bool = true) -> [Alert] {
        let active = engine.active.values.sorted { ($0.activeAt, $0.key) < ($1.activeAt, $1.key) }
        return active + (includingResolved ? engine.resolved.reversed() : [])
    }

    public func alert(fingerprint: String) -> Alert? { alerts().first { $0.fingerprint == fingerprint } }

    /// The rules with their health, in the order of their files.
    public func rules() -> [(group: RuleGroup, rules: [(rule: AlertRule, health: RuleHealth)])] {
        engine.rules.groups.map { group in
            (group, group.rules.map { ($0, engine.health[$0.key] ?? RuleHealth()) })
        }
    }

    /// In order of opening.
    public func incidents() -> [Incident] { book.incidents }
    public func incident(_ id: String) -> Incident? { book.incidents.first { $0.id == id } }
    public func incidentSummary() -> IncidentSummary { book.summary }
    public func waitingDeliveries() -> [Delivery] { deliveries.waiting }
    public func allSilences() -> [Silence] { silences.values.sorted { $0.id < $1.id } }

    public func status() -> AlertStatus {
        var status = AlertStatus()
        status.firing = engine.active.values.count { $0.state == .firing }
        status.pending = engine.active.count - status.firing
        status.waitingDeliveries = deliveries.waiting.count
        status.deliveries = deliveries.counts
        status.lostFindings = inbox.lost
        status.rulesInError = engine.health.values.count { $0.error != nil }
        (status.droppedStateBytes, status.diskError) = diskState
        return status
    }

    // MARK: what people do

    public func acknowledge(incident id: String, by who: String) throws(IncidentError) -> Incident {
        defer { commit() }
        return try book.acknowledge(id, by: who, at: clock.now())
    }

    public func resolve(incident id: String, by who: String) throws(IncidentError) -> Incident {
        defer { commit() }
        return try book.resolve(id, by: who, at: clock.now())
    }

    public func comment(incident id: String, _ text: String, by who: String) throws(IncidentError) -> Incident {
        defer { commit() }
        return try book.comment(id, text, by: who, at: clock.now())
    }

    /// Adds a silence, or replaces the one with its ID.
    public func add(_ silence: Silence) {
        silences[silence.id] = silence
        markSilence(silence.id)
        commit()
    }

    /// Returns whether there was one.
    public func removeSilence(_ id: String) -> Bool {
        guard silences.removeValue(forKey: id) != nil else { return false }
        markSilence(id)
        commit()
        return true
    }

    /// Puts other rules and routes in place, as SIGHUP asks. Alerts whose rule stays go on.
    public func reload(rules: RuleSet, routing: Routing) {
        let now = clock.now()
        apply(engine.setRules(rules, at: now), at: now)
        notifier.setRouting(routing, alerts: Array(engine.active.values) + engine.resolved, at: now)
        commit()
    }

    /// Ends alerts about findings that are over, after a start: `open` are those that the watching layer still has.
    public func reconcile(openFindings open: Set<String>) {
        let now = clock.now()
        apply(engine.reconcile(openFindings: open, at: now), at: now)
        commit()
    }

    /// Queues a message that says it is a test, for `plumb notify test`. Returns the number of addresses, nil if no
    /// receiver is called so.
    public func test(receiver name: String) -> Int? {
        guard let receiver = notifier.routing.receiver(name) else { return nil }
        let now = clock.now()
        var evidence = AlertEvidence()
        evidence.title = "A test of the receiver \(name)"
        let alert = Alert(
            key: "test", ruleKey: "test", name: "PlumbTest", group: "test",
            labels: ["alertname": "PlumbTest", "severity": "info"],
            annotations: ["summary": "This is a test of the receiver \(name); nothing is wrong."], state: .firing,
            activeAt: now, firedAt: now, lastHeldAt: now, isHolding: true, value: 1, evidence: evidence)
        let notification = Notification(
            receiver: name, groupKey: "test", groupLabels: ["alertname": "PlumbTest"], alerts: [alert])
        for webhook in receiver.webhooks {
            guard let body = WebhookPayload.body(notification, webhook, externalURL: "") else { continue }
            enqueue(body, to: webhook, receiver: name, groupKey: "test", at: now)
        }
        commit()
        return receiver.webhooks.count
    }
}
