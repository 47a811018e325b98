import Records

/// A group's message that is ready to go to one receiver.
struct Notification: Sendable {
    var receiver: String
    var groupKey: String
    var groupLabels: [String: String]
    /// Firing and newly resolved.
    var alerts: [Alert]
}

/// Decides which alerts are told together, when, and when again. A pure state machine after Alertmanager's
/// dispatcher: a group waits `group_wait` before its first message, `group_interval` between messages about changes,
/// and `repeat_interval` before it says the same again.
struct Notifier: Sendable {
    private struct Member: Sendable {
        var alert: Alert
        /// What the receiver was last told: `firing/<activeAt>`; empty for nothing yet.
        var told: String
    }

    private struct Group: Sendable {
        var route: Routing.Route
        var labels: [String: String]
        var members: [String: Member] = [:]
        var nextFlush: Int64
        var lastSent: Int64?
    }

    private(set) var routing: Routing
    private var groups: [String: Group] = [:]
    /// Groups that changed since `takeChanges`.
    private var changed: Set<String> = []

    /// `alerts` and `stored` are what was kept from before: who was told what, so that a restart tells nobody twice
    /// and forgets nobody.
    init(_ routing: Routing, alerts: [Alert], stored: [JSONValue], at now: Int64) {
        self.routing = routing
        var byKey: [String: JSONValue] = [:]
        for json in stored { if let key = json["key"]?.text { byKey[key] = json } }
        for alert in alerts where alert.state != .pending {
            for route in routing.routes(for: alert.labels) {
                let (labels, key) = route.group(of: alert.labels)
                let json = byKey[key]
                let told = json?["told"]?[alert.key]?.text ?? ""
                // What was resolved and told is done; what was resolved and never belonged here, too.
                if alert.state == .resolved && (told == Self.mark(alert) || json?["told"]?[alert.key] == nil) {
                    continue
                }
                let fresh = Group(route: route, labels: labels, nextFlush: now + route.groupWait)
                groups[key, default: fresh].members[alert.key] = Member(alert: alert, told: told)
                if let json {
                    groups[key]!.nextFlush = json["nextFlush"]?.integer ?? now
                    groups[key]!.lastSent = json["lastSent"]?.integer
                }
            }
        }
        // Groups that nothing belongs to any more are forgotten on disk.
        for key in byKey.keys where groups[key] == nil { changed.insert(key) }
    }

    private static func mark(_ alert: Alert) -> String { "\(alert.state.rawValue)/\(alert.activeAt)" }

    /// Other routes apply from now on. Groups are made anew; what their receivers were told is kept where a group
    /// stays.
    mutating func setRouting(_ routing: Routing, alerts: [Alert], at now: Int64) {
        let stored = groups.keys.map { self.stored($0) ?? .null }
        let before = Set(groups.keys)
        self = Notifier(routing, alerts: alerts, stored: stored, at: now)
        changed = before.union(groups.keys)
    }

    /// The group that an alert's incident is named after: that of its first route.
    func incidentGroup(of alert: Alert) -> (labels: [String: String], key: String) {
        (routing.routes(for: alert.labels).first ?? routing.root).group(of: alert.labels)
    }

    mutating func apply(_ action: AlertAction, at now: Int64) {
        switch action {
        case .pending, .dropped: return
        case .fired(let alert):
            for route in routing.routes(for: alert.labels) {
                let (labels, key) = route.group(of: alert.labels)
                let fresh = Group(route: route, labels: labels, nextFlush: now + route.groupWait)
                let told = groups[key]?.members[alert.key]?.told ?? ""
                groups[key, default: fresh].members[alert.key] = Member(alert: alert, told: told)
                changed.insert(key)
            }
        case .updated(let alert), .resolved(let alert):
            for key in groups.keys where groups[key]!.members[alert.key] != nil {
                groups[key]!.members[alert.key]!.alert = alert
                if alert.state == .resolved { changed.insert(key) }
            }
        }
    }

    /// Messages whose moment has come.
    mutating func flush(_ silences: [Silence], at now: Int64) -> [Notification] {
        var notifications: [Notification] = []
        for key in groups.keys.sorted() where groups[key]!.nextFlush <= now {
            changed.insert(key)
            if let notification = flush(key, silences, at: now) { notifications.append(notification) }
        }
        return notifications
    }

    private mutating func flush(_ key: String, _ silences: [Silence], at now: Int64) -> Notification? {
        var group = groups[key]!
        let audible = group.members.filter { member in
            !silences.contains { $0.covers(member.value.alert.labels, at: now) }
        }
        let news = audible.filter { $0.value.told != Self.mark($0.value.alert) }
        let isFiring = audible.contains { $0.value.alert.state == .firing }
        let isRepeat = isFiring && now - (group.lastSent ?? now) >= group.route.repeatInterval
        // A silenced alert that ended while silenced is done without a word.
        group.members = group.members.filter { $0.value.alert.state == .firing }
        group.nextFlush = now + group.route.groupInterval
        guard !news.isEmpty || isRepeat else {
            groups[key] = group.members.isEmpty ? nil : group
            return nil
        }
        for alert in audible.values.map(\.alert) { group.members[alert.key]?.told = Self.mark(alert) }
        group.lastSent = now
        groups[key] = group.members.isEmpty ? nil : group
        let alerts = audible.values.map(\.alert).sorted { ($0.firedAt ?? 0, $0.key) < ($1.firedAt ?? 0, $1.key) }
        return Notification(
            receiver: group.route.receiver, groupKey: key, groupLabels: group.labels,
            // What was told as resolved before is not in `members` any more.
            alerts: alerts)
    }

    /// What to keep on disk of the groups that changed: key and value, nil for one that is gone.
    mutating func takeChanges() -> [(key: String, value: JSONValue?)] {
        defer { changed = [] }
        return changed.sorted().map { ($0, stored($0)) }
    }

    private func stored(_ key: String) -> JSONValue? {
        guard let group = groups[key] else { return nil }
        return .object(present: [
            ("key", .string(key)), ("nextFlush", .number(group.nextFlush)),
            ("lastSent", group.lastSent.map { .number($0) }),
            ("told", .labels(group.members.mapValues(\.told))),
        ])
    }
}
