import Records

/// What a team works on: opened by the first alert of a group that fires, over when none of them fires any more.
public struct Incident: Hashable, Sendable {
    public struct Event: Hashable, Sendable {
        /// Nanoseconds since the epoch.
        public var time: Int64
        public var what: String
        public var who: String?
    }

    public enum State: String, Sendable { case open, acknowledged, resolved }

    public var id: String
    public var title: String
    public var groupKey: String
    public var labels: [String: String]
    /// When the trouble began, by the evidence; nanoseconds since the epoch, as are the times below.
    public var onset: Int64
    /// When it was noticed, on the clock of `onset`.
    public var detectedAt: Int64
    /// When it was over, on the clock of `onset`; nil while it is not.
    public var endedAt: Int64?
    public var openedAt: Int64
    public var acknowledgedAt: Int64?
    public var acknowledgedBy: String?
    public var resolvedAt: Int64?
    /// Keys of alerts that fire now.
    public var firing: Set<String> = []
    /// Fingerprints of all alerts that ever belonged to it, in order.
    public var alerts: [String] = []
    public var events: [Event] = []
    /// Events that were not kept because there were too many.
    public var droppedEvents = 0
    /// When its alerts began, by their keys, as they say now.
    var onsets: [String: Int64] = [:]

    public var state: State { resolvedAt != nil ? .resolved : acknowledgedAt != nil ? .acknowledged : .open }

    /// Nanoseconds from onset to detection.
    public var timeToDetect: Int64 { max(0, detectedAt - onset) }
    /// Nanoseconds from detection to the end; nil while it goes on.
    public var timeToResolve: Int64? { endedAt.map { max(0, $0 - detectedAt) } }

    /// Begins with the earliest of its alerts: a finding is dated anew while it is young, and what is shown of it must
    /// agree everywhere. Answers whether the alert says anything new.
    mutating func take(onset: Int64, of alert: String) -> Bool {
        guard onsets[alert] != onset else { return false }
        onsets[alert] = onset
        // One that was saved by an earlier version does not know what its other alerts said.
        let isComplete = firing.allSatisfy { onsets[$0] != nil }
        self.onset = isComplete ? onsets.values.min() ?? onset : min(self.onset, onset)
        return true
    }

    mutating func note(_ what: String, by who: String? = nil, at time: Int64) {
        if events.count < AlertLimits.incidentEvents {
            events.append(Event(time: time, what: what, who: who))
        } else {
            droppedEvents += 1
        }
    }
}

extension Incident {
    /// How it is shown on `/api/v1/incidents`. Durations are seconds.
    public var json: JSONValue {
        .object(present: [
            ("id", .string(id)), ("title", .string(title)), ("state", .string(state.rawValue)),
            ("labels", .labels(labels)), ("onset", .time(onset)), ("detectedAt", .time(detectedAt)),
            ("openedAt", .time(openedAt)), ("acknowledgedAt", acknowledgedAt.map { .time($0) }),
            ("acknowledgedBy", acknowledgedBy.map { .string($0) }), ("resolvedAt", resolvedAt.map { .time($0) }),
            ("timeToDetectSeconds", .number(Double(timeToDetect) / 1e9)),
            ("timeToResolveSeconds", timeToResolve.map { .number(Double($0) / 1e9) }),
            ("firing", .number(firing.count)), ("alerts", .strings(alerts)),
            ("events", .array(events.map(Self.json))),
            ("droppedEvents", droppedEvents > 0 ? .number(droppedEvents) : nil),
        ])
    }

    private static func json(_ event: Event) -> JSONValue {
        .object(present: [
            ("time", .time(event.time)), ("what", .string(event.what)), ("who", event.who.map { .string($0) }),
        ])
    }

    var stored: JSONValue {
        .object(present: [
            ("id", .string(id)), ("title", .string(title)), ("groupKey", .string(groupKey)),
            ("labels", .labels(labels)), ("onset", .number(onset)), ("detectedAt", .number(detectedAt)),
            ("endedAt", endedAt.map { .number($0) }), ("openedAt", .number(openedAt)),
            ("acknowledgedAt", acknowledgedAt.map { .number($0) }),
            ("acknowledgedBy", acknowledgedBy.map { .string($0) }), ("resolvedAt", resolvedAt.map { .number($0) }),
            ("firing", .strings(firing.sorted())), ("alerts", .strings(alerts)),
            ("onsets", .object(onsets.sorted { $0.key < $1.key }.map { JSONMember($0.key, .number($0.value)) })),
            (
                "events",
                .array(
                    events.map { event in
                        .object(present: [
                            ("time", .number(event.time)), ("what", .string(event.what)),
                            ("who", event.who.map { .string($0) }),
                        ])
                    })
            ),
            ("droppedEvents", .number(droppedEvents)),
        ])
    }

    init?(stored json: JSONValue) {
        guard let id = json["id"]?.text, let title = json["title"]?.text, let groupKey = json["groupKey"]?.text,
            let labels = json["labels"]?.labels, let onset = json["onset"]?.integer,
            let detectedAt = json["detectedAt"]?.integer, let openedAt = json["openedAt"]?.integer
        else { return nil }
        self.init(
            id: id, title: title, groupKey: groupKey, labels: labels, onset: onset, detectedAt: detectedAt,
            endedAt: json["endedAt"]?.integer, openedAt: openedAt, acknowledgedAt: json["acknowledgedAt"]?.integer,
            acknowledgedBy: json["acknowledgedBy"]?.text, resolvedAt: json["resolvedAt"]?.integer,
            firing: Set((json["firing"]?.elements ?? []).compactMap(\.text)),
            alerts: (json["alerts"]?.elements ?? []).compactMap(\.text))
        droppedEvents = Int(json["droppedEvents"]?.integer ?? 0)
        for member in json["onsets"]?.members ?? [] { onsets[member.key] = member.value.integer }
        events = (json["events"]?.elements ?? []).compactMap { event in
            guard let time = event["time"]?.integer, let what = event["what"]?.text else { return nil }
            return Event(time: time, what: what, who: event["who"]?.text)
        }
    }
}
