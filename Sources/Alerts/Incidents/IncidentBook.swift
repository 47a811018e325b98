import Records

/// Times of all incidents together.
public struct IncidentSummary: Hashable, Sendable {
    public var open = 0
    public var acknowledged = 0
    public var resolved = 0
    /// Mean nanoseconds from onset to detection; nil without incidents.
    public var meanTimeToDetect: Int64?
    /// Mean nanoseconds from detection to the end, of those that ended.
    public var meanTimeToResolve: Int64?

    public var json: JSONValue {
        .object(present: [
            ("open", .number(open)), ("acknowledged", .number(acknowledged)), ("resolved", .number(resolved)),
            ("mttdSeconds", meanTimeToDetect.map { .number(Double($0) / 1e9) }),
            ("mttrSeconds", meanTimeToResolve.map { .number(Double($0) / 1e9) }),
        ])
    }
}

/// An incident that does not exist or cannot be changed so.
public struct IncidentError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
}

/// The incidents: a pure state machine driven by what alerts do and what people say.
struct IncidentBook: Sendable {
    /// In order of opening.
    private(set) var incidents: [Incident] = []
    private var nextNumber = 1
    /// Incidents that changed since `takeChanges`.
    private var changed: Set<String> = []

    init(restored: [Incident]) {
        incidents = restored.sorted { Self.number($0.id) < Self.number($1.id) }
        nextNumber = (incidents.last.map { Self.number($0.id) } ?? 0) + 1
    }

    private static func number(_ id: String) -> Int { Int(id.dropFirst(4)) ?? 0 }

    mutating func apply(_ action: AlertAction, group: (labels: [String: String], key: String), at now: Int64) {
        switch action {
        case .pending, .dropped: break
        case .fired(let alert): fired(alert, group, at: now)
        case .updated(let alert): updated(alert)
        case .resolved(let alert): ended(alert, at: now)
        }
    }

    private mutating func fired(_ alert: Alert, _ group: (labels: [String: String], key: String), at now: Int64) {
        let index = indexOfCurrent(group.key, at: now) ?? open(alert, group, at: now)
        if incidents[index].resolvedAt != nil {
            incidents[index].resolvedAt = nil
            incidents[index].endedAt = nil
            incidents[index].note("opened again", at: now)
        }
        incidents[index].firing.insert(alert.key)
        if !incidents[index].alerts.contains(alert.fingerprint) { incidents[index].alerts.append(alert.fingerprint) }
        incidents[index].note("\(alert.name) fired: \(Self.title(alert))", at: now)
        updated(alert)
        changed.insert(incidents[index].id)
    }

    private func indexOfCurrent(_ groupKey: String, at now: Int64) -> Int? {
        incidents.lastIndex { incident in
            guard incident.groupKey == groupKey else { return false }
            guard let resolvedAt = incident.resolvedAt else { return true }
            return now - resolvedAt < AlertLimits.incidentReopening
        }
    }

    private mutating func open(
        _ alert: Alert, _ group: (labels: [String: String], key: String), at now: Int64
    ) -> Int {
        incidents.append(
            Incident(
                id: "INC-\(nextNumber)", title: Self.title(alert), groupKey: group.key, labels: group.labels,
                onset: alert.onset, detectedAt: alert.detectedAt, openedAt: now))
        nextNumber += 1
        if incidents.count > AlertLimits.incidents, let oldest = incidents.firstIndex(where: { $0.resolvedAt != nil }) {
            changed.insert(incidents[oldest].id)
            incidents.remove(at: oldest)
        }
        return incidents.count - 1
    }

    private static func title(_ alert: Alert) -> String {
        for title in [alert.annotations["summary"], alert.evidence?.title] {
            if let title, !title.isEmpty { return title }
        }
        return alert.name
    }

    private mutating func updated(_ alert: Alert) {
        for index in incidents.indices where incidents[index].firing.contains(alert.key) {
            if incidents[index].take(onset: alert.onset, of: alert.key) { changed.insert(incidents[index].id) }
        }
    }

    private mutating func ended(_ alert: Alert, at now: Int64) {
        for index in incidents.indices where incidents[index].firing.remove(alert.key) != nil {
            incidents[index].note("\(alert.name) resolved", at: now)
            changed.insert(incidents[index].id)
            guard incidents[index].firing.isEmpty, incidents[index].resolvedAt == nil else { continue }
            incidents[index].resolvedAt = now
            incidents[index].endedAt = max(alert.endedAt ?? now, incidents[index].detectedAt)
        }
    }

    // MARK: people

    mutating func acknowledge(_ id: String, by who: String, at now: Int64) throws(IncidentError) -> Incident {
        let index = try index(of: id)
        guard incidents[index].resolvedAt == nil else { throw IncidentError(description: "\(id) is resolved") }
        if incidents[index].acknowledgedAt == nil {
            incidents[index].acknowledgedAt = now
            incidents[index].acknowledgedBy = who
            incidents[index].note("acknowledged", by: who, at: now)
            changed.insert(id)
        }
        return incidents[index]
    }

    /// Closes an incident by hand; alerts that still fire do not open it again, new ones do.
    mutating func resolve(_ id: String, by who: String, at now: Int64) throws(IncidentError) -> Incident {
        let index = try index(of: id)
        if incidents[index].resolvedAt == nil {
            incidents[index].resolvedAt = now
            // Closed by hand: the end is as far after detection as the closing is after the opening.
            incidents[index].endedAt = incidents[index].detectedAt + max(0, now - incidents[index].openedAt)
            incidents[index].firing = []
            incidents[index].note("resolved", by: who, at: now)
            changed.insert(id)
        }
        return incidents[index]
    }

    mutating func comment(_ id: String, _ text: String, by who: String, at now: Int64) throws(IncidentError) -> Incident
    {
        let index = try index(of: id)
        incidents[index].note(text, by: who, at: now)
        changed.insert(id)
        return incidents[index]
    }

    private func index(of id: String) throws(IncidentError) -> Int {
        guard let index = incidents.firstIndex(where: { $0.id == id }) else {
            throw IncidentError(description: "no incident \(id)")
        }
        return index
    }

    var summary: IncidentSummary {
        var summary = IncidentSummary()
        for incident in incidents {
            switch incident.state {
            case .open: summary.open += 1
            case .acknowledged: summary.acknowledged += 1
            case .resolved: summary.resolved += 1
            }
        }
        summary.meanTimeToDetect = Self.mean(incidents.map(\.timeToDetect))
        summary.meanTimeToResolve = Self.mean(incidents.compactMap(\.timeToResolve))
        return summary
    }

    private static func mean(_ values: [Int64]) -> Int64? {
        guard !values.isEmpty else { return nil }
        return Int64(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
    }

    mutating func takeChanges() -> [(key: String, value: JSONValue?)] {
        defer { changed = [] }
        return changed.sorted().map { id in (id, incidents.first { $0.id == id }?.stored) }
    }
}
