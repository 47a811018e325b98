import Bytes
import Machine
import Records

/// Evaluates rules, takes in findings, keeps incidents, and gets notifications delivered. What it decides, pure state
/// machines decide; this puts them together with queries, disk and receivers.
///
/// `run` does everything until it is cancelled; `step` and `deliver` are one round each, for tests and for those who
/// have a loop of their own. State is on disk before anybody is told.
public actor AlertCenter {
    /// Findings are put here.
    public nonisolated let inbox = AlertInbox()

    let clock: any WallClock
    private let queries: any AlertQueries
    private let transport: any WebhookTransport
    private var externalURL: String
    var engine: AlertEngine
    var notifier: Notifier
    var deliveries: DeliveryQueue
    var book: IncidentBook
    var silences: [String: Silence]
    private var log: StateLog
    private var isStepping = false
    private var nextDelivery = 0
    /// Alerts that changed since the last commit, by key.
    private var changedAlerts: Set<String> = []
    private var changedSilences: Set<String> = []
    /// Told apart from those of an earlier run by the time of the start.
    private let run: String
    /// The last write to disk that failed; nothing is sent until one succeeds.
    private var diskError: String?

    /// Opens what was kept in `directory`. `externalURL` stands before links in notifications, without a `/` at its
    /// end.
    public init(
        rules: RuleSet = .standard, routing: Routing = .standard(), externalURL: String,
        queries: any AlertQueries, transport: any WebhookTransport, files: any FileSystem, directory: String,
        clock: any WallClock
    ) throws {
        self.clock = clock
        self.queries = queries
        self.transport = transport
        self.externalURL = externalURL
        log = try StateLog(files, directory: directory)
        let now = clock.now()
        run = String(now, radix: 36)
        let alerts = log.values(under: "alert/").compactMap { Alert(stored: $0) }
        engine = AlertEngine(rules: rules, restored: alerts, externalURL: externalURL)
        notifier = Notifier(routing, alerts: alerts, stored: log.values(under: "group/"), at: now)
        deliveries = DeliveryQueue(restored: log.values(under: "delivery/").compactMap { Delivery(stored: $0) })
        book = IncidentBook(restored: log.values(under: "incident/").compactMap { Incident(stored: $0) })
        silences = [:]
        for silence in log.values(under: "silence/").compactMap({ Silence(stored: $0) }) {
            silences[silence.id] = silence
        }
    }

    /// Links are to begin with `externalURL` from now on: for a server that learns its port from the system.
    public func answers(at externalURL: String) {
        self.externalURL = externalURL
        engine.externalURL = externalURL
    }

    /// Steps and delivers, about once a second, until the task is cancelled.
    public func runUntilCancelled() async {
        await withTaskGroup(of: Void.self) { group in
            // A receiver that takes its time must not hold up evaluation.
            group.addTask {
                while !Task.isCancelled {
                    await self.step()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.deliver()
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
        }
    }

    // MARK: one round

    /// Takes in findings, evaluates the groups whose moment has come, and puts what is to be told on disk.
    public func step() async {
        guard !isStepping else { return }
        isStepping = true
        defer { isStepping = false }
        let start = clock.now()
        apply(engine.endOrphans(at: start), at: start)
        for notice in inbox.takeAll() { apply(engine.received(notice, at: start), at: start) }
        for evaluation in engine.due(at: start) {
            for rule in evaluation.group.rules {
                if case .query(let expression) = rule.source {
                    await evaluate(rule, expression, evaluation.group, at: evaluation.time)
                }
            }
        }
        let now = clock.now()
        apply(engine.tick(at: now), at: now)
        flush(at: now)
        commit()
    }

    private func evaluate(_ rule: AlertRule, _ expression: String, _ group: RuleGroup, at time: Int64) async {
        let begin = clock.now()
        let actions: [AlertAction]
        do {
            let samples = try await queries.evaluate(expression, at: time, window: group.interval)
            actions = engine.evaluated(
                rule, of: group, samples: samples, at: time, tookNanoseconds: clock.now() - begin)
        } catch {
            engine.failed(rule, "\(error)", at: time)
            return
        }
        // Evidence first: the notification must not go without it.
        for case .fired(let alert) in actions {
            let lines = try? await queries.samples(
                expression, labels: sampleLabels(alert, rule), at: time, window: group.interval,
                limit: AlertLimits.sampleLines)
            let link = RuleQuery.link(
                expression, labels: sampleLabels(alert, rule), at: time, window: group.interval)
            apply(engine.attach(lines ?? [], link: link, to: alert.key), at: time)
        }
        apply(
            actions.map { action in
                guard case .fired(let alert) = action else { return action }
                return .fired(engine.active[alert.key] ?? alert)
            }, at: time)
    }

    /// The labels that came from the query, without those that the rule added.
    private func sampleLabels(_ alert: Alert, _ rule: AlertRule) -> [String: String] {
        let added = Set(rule.labels.map(\.name) + ["alertname", "stats_result"])
        return alert.labels.filter { !added.contains($0.key) }
    }

    func apply(_ actions: [AlertAction], at now: Int64) {
        for action in actions {
            changedAlerts.insert(action.alert.key)
            notifier.apply(action, at: now)
            book.apply(action, group: notifier.incidentGroup(of: action.alert), at: now)
        }
    }

    private func flush(at now: Int64) {
        for id in silences.keys.sorted() where silences[id]!.endsAt <= now {
            silences[id] = nil
            changedSilences.insert(id)
        }
        let active = silences.values.sorted { $0.id < $1.id }
        for notification in notifier.flush(active, at: now) {
            for webhook in notifier.routing.receiver(notification.receiver)?.webhooks ?? [] {
                guard let body = WebhookPayload.body(notification, webhook, externalURL: externalURL) else { continue }
                enqueue(body, to: webhook, receiver: notification.receiver, groupKey: notification.groupKey, at: now)
            }
        }
        deliveries.dropUnknown { webhook(of: $0) != nil }
    }

    func enqueue(_ body: [UInt8], to webhook: Routing.Webhook, receiver: String, groupKey: String, at now: Int64) {
        nextDelivery += 1
        deliveries.add(
            Delivery(
                id: "\(run)-\(nextDelivery)", receiver: receiver, url: webhook.url, groupKey: groupKey,
                body: String(decoding: body, as: UTF8.self), createdAt: now, nextTry: now))
    }

    private func webhook(of delivery: Delivery) -> Routing.Webhook? {
        notifier.routing.receiver(delivery.receiver)?.webhooks.first { $0.url == delivery.url }
    }

    /// Makes the calls whose time has come and waits for their answers. Nothing is sent that is not on disk.
    public func deliver() async {
        guard commit() else { return }
        let due = deliveries.takeDue(at: clock.now())
        guard !due.isEmpty else { return }
        await withTaskGroup(of: (String, DeliveryOutcome).self) { group in
            for delivery in due {
                let headers = webhook(of: delivery)?.headers ?? [:]
                let transport = self.transport
                group.addTask { (delivery.id, await DeliveryOutcome.of(delivery, headers: headers, transport)) }
            }
            for await (id, outcome) in group { settle(id, outcome) }
        }
        commit()
    }

    private func settle(_ id: String, _ outcome: DeliveryOutcome) {
        switch outcome {
        case .delivered: deliveries.succeeded(id)
        case .failed(let reason, let isFinal):
            deliveries.failed(id, reason, isFinal: isFinal, at: clock.now())
        }
    }

    // MARK: disk

    /// Writes what changed. Returns false if the disk refused; the changes are then written with the next commit.
    @discardableResult
    func commit() -> Bool {
        var changes: [(key: String, value: JSONValue?)] = []
        let resolved = Dictionary(engine.resolved.map { ($0.key, $0) }) { _, last in last }
        for key in changedAlerts.sorted() {
            changes.append(("alert/\(key)", (engine.active[key] ?? resolved[key])?.stored))
        }
        for id in changedSilences.sorted() { changes.append(("silence/\(id)", silences[id]?.stored)) }
        changes += notifier.takeChanges().map { ("group/\($0.key)", $0.value) }
        changes += book.takeChanges().map { ("incident/\($0.key)", $0.value) }
        changes += deliveries.takeChanges().map { ("delivery/\($0.key)", $0.value) }
        // Alerts that were pushed out of memory go from the disk as well.
        for key in log.values.keys where key.hasPrefix("alert/") {
            let alert = String(key.dropFirst(6))
            if engine.active[alert] == nil && resolved[alert] == nil { changes.append((key, nil)) }
        }
        unwritten += changes
        guard !unwritten.isEmpty else { return diskError == nil }
        do {
            try log.commit(Self.latest(unwritten))
            unwritten = []
            changedAlerts = []
            changedSilences = []
            diskError = nil
            return true
        } catch {
            diskError = "\(error)"
            return false
        }
    }

    /// Changes that a failing disk did not take.
    private var unwritten: [(key: String, value: JSONValue?)] = []

    private static func latest(_ changes: [(key: String, value: JSONValue?)]) -> [(key: String, value: JSONValue?)] {
        var last: [String: Int] = [:]
        for (index, change) in changes.enumerated() { last[change.key] = index }
        return last.values.sorted().map { changes[$0] }
    }

    func markSilence(_ id: String) { changedSilences.insert(id) }

    /// Bytes of a damaged end that were cut off the state log at the start, and the disk's last error.
    var diskState: (droppedBytes: Int, error: String?) { (log.droppedBytes, diskError) }
}
