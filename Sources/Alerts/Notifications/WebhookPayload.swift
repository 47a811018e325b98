import Records

/// The body of a webhook call: Alertmanager's JSON, version 4, with our own members added to each alert: `value`,
/// `finding`, `title`, `series`, `kind`, `onset`, `detectedAt`, `observed`, `expected`, `score`, `causes`, `samples`,
/// `traceIDs`, `link`.
enum WebhookPayload {
    static func body(_ notification: Notification, _ webhook: Routing.Webhook, externalURL: String) -> [UInt8]? {
        let alerts = notification.alerts.filter { webhook.sendResolved || $0.state == .firing }
        guard !alerts.isEmpty else { return nil }
        let limit = webhook.maxAlerts > 0 ? webhook.maxAlerts : AlertLimits.alertsPerNotification
        let isFiring = alerts.contains { $0.state == .firing }
        let payload: JSONValue = [
            "version": "4",
            "groupKey": .string(notification.groupKey),
            "truncatedAlerts": .number(max(0, alerts.count - limit)),
            "status": isFiring ? "firing" : "resolved",
            "receiver": .string(notification.receiver),
            "groupLabels": .labels(notification.groupLabels),
            "commonLabels": .labels(common(alerts.map(\.labels))),
            "commonAnnotations": .labels(common(alerts.map(\.annotations))),
            "externalURL": .string(externalURL),
            "alerts": .array(alerts.prefix(limit).map { describe($0, externalURL: externalURL) }),
        ]
        return payload.bytes
    }

    private static func common(_ all: [[String: String]]) -> [String: String] {
        guard let first = all.first else { return [:] }
        return first.filter { pair in all.allSatisfy { $0[pair.key] == pair.value } }
    }

    private static func describe(_ alert: Alert, externalURL: String) -> JSONValue {
        // Alertmanager gives an alert that goes on the zero time as its end.
        let endsAt: JSONValue = alert.resolvedAt.map { .time($0) } ?? "0001-01-01T00:00:00Z"
        let path = alert.evidence?.link ?? ""
        var members: [JSONMember] = [
            JSONMember("status", .string(alert.state == .firing ? "firing" : "resolved")),
            JSONMember("labels", .labels(alert.labels)),
            JSONMember("annotations", .labels(alert.annotations)),
            JSONMember("startsAt", .time(alert.firedAt ?? alert.activeAt)),
            JSONMember("endsAt", endsAt),
            JSONMember("generatorURL", .string(externalURL + (path.hasPrefix("/") ? path : "/"))),
            JSONMember("fingerprint", .string(alert.fingerprint)),
            JSONMember("value", .number(alert.value)),
        ]
        if alert.evidence?.onset == nil { members.append(JSONMember("onset", .time(alert.onset))) }
        if alert.evidence?.detectedAt == nil { members.append(JSONMember("detectedAt", .time(alert.detectedAt))) }
        if let evidence = alert.evidence { members += evidence.fields(externalURL: externalURL) }
        return .object(members)
    }
}
