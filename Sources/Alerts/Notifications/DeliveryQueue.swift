import Records

/// One webhook call that has to be made.
public struct Delivery: Hashable, Sendable {
    /// Unique; sent as `Idempotency-Key`, so that a receiver can tell a repeated call (we crashed between its answer
    /// and our note of it) from a new one.
    public var id: String
    public var receiver: String
    /// Which of the receiver's webhooks.
    public var url: String
    /// Deliveries of one group to one address go in order.
    public var groupKey: String
    public var body: String
    /// Nanoseconds since the epoch, as is `nextTry`.
    public var createdAt: Int64
    public var tries = 0
    public var nextTry: Int64
    public var lastError: String?

    var stored: JSONValue {
        .object(present: [
            ("id", .string(id)), ("receiver", .string(receiver)), ("url", .string(url)),
            ("groupKey", .string(groupKey)), ("body", .string(body)), ("createdAt", .number(createdAt)),
            ("tries", .number(tries)), ("nextTry", .number(nextTry)), ("lastError", lastError.map { .string($0) }),
        ])
    }
}

extension Delivery {
    init?(stored json: JSONValue) {
        guard let id = json["id"]?.text, let receiver = json["receiver"]?.text, let url = json["url"]?.text,
            let groupKey = json["groupKey"]?.text, let body = json["body"]?.text,
            let createdAt = json["createdAt"]?.integer, let nextTry = json["nextTry"]?.integer
        else { return nil }
        self.init(
            id: id, receiver: receiver, url: url, groupKey: groupKey, body: body, createdAt: createdAt,
            tries: Int(json["tries"]?.integer ?? 0), nextTry: nextTry, lastError: json["lastError"]?.text)
    }

    /// How it is shown; without the body.
    public var json: JSONValue {
        .object(present: [
            ("id", .string(id)), ("receiver", .string(receiver)), ("url", .string(url)), ("group", .string(groupKey)),
            ("createdAt", .time(createdAt)), ("tries", .number(tries)), ("nextTry", .time(nextTry)),
            ("lastError", lastError.map { .string($0) }),
        ])
    }
}

/// What became of deliveries, since the start of the process.
public struct DeliveryCounts: Hashable, Sendable {
    public var delivered = 0
    /// Tries that failed and will be made again.
    public var failedTries = 0
    /// Given up: refused by the receiver, too old, or pushed out of a full queue.
    public var dropped = 0
    public var lastDropReason: String?
}

/// Deliveries that wait: a pure state machine. Failures are tried again after 1 s, 2 s, 4 s … 5 min, for a day, after a
/// restart as well.
struct DeliveryQueue: Sendable {
    private(set) var waiting: [Delivery] = []
    private(set) var counts = DeliveryCounts()
    private var inFlight: Set<String> = []
    /// Deliveries that changed since `takeChanges`.
    private var changed: Set<String> = []

    init(restored: [Delivery]) {
        waiting = restored.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    mutating func add(_ delivery: Delivery) {
        waiting.append(delivery)
        changed.insert(delivery.id)
        while waiting.count > AlertLimits.waitingDeliveries {
            guard let oldest = waiting.first(where: { !inFlight.contains($0.id) }) else { break }
            drop(oldest.id, "\(AlertLimits.waitingDeliveries) notifications were waiting")
        }
    }

    /// Deliveries to be made now, at most one a group and address; they count as under way until one of the calls
    /// below.
    mutating func takeDue(at now: Int64) -> [Delivery] {
        for delivery in waiting
        where now - delivery.createdAt > AlertLimits.deliveryAge && !inFlight.contains(delivery.id) {
            drop(delivery.id, "not delivered within \(DurationText.print(AlertLimits.deliveryAge))")
        }
        var due: [Delivery] = []
        var heads: Set<String> = []
        for delivery in waiting {
            let isHead = heads.insert("\(delivery.url)\u{1F}\(delivery.groupKey)").inserted
            guard isHead, delivery.nextTry <= now, inFlight.insert(delivery.id).inserted else { continue }
            due.append(delivery)
        }
        return due
    }

    mutating func succeeded(_ id: String) {
        counts.delivered += 1
        remove(id)
    }

    /// `isFinal`: the receiver understood and refused; trying again would change nothing.
    mutating func failed(_ id: String, _ reason: String, isFinal: Bool, at now: Int64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        guard !isFinal else {
            drop(id, reason)
            return
        }
        inFlight.remove(id)
        changed.insert(id)
        counts.failedTries += 1
        waiting[index].lastError = reason
        waiting[index].nextTry = now + Self.backOff(afterTries: waiting[index].tries)
        waiting[index].tries += 1
    }

    /// Nanoseconds until the next try.
    static func backOff(afterTries tries: Int) -> Int64 {
        min(AlertLimits.longestBackOff, AlertLimits.firstBackOff << Int64(min(tries, 20)))
    }

    /// Stops waiting for addresses that no receiver has any more.
    mutating func dropUnknown(_ isKnown: (Delivery) -> Bool) {
        for delivery in waiting where !isKnown(delivery) && !inFlight.contains(delivery.id) {
            drop(delivery.id, "the receiver \(delivery.receiver) has no webhook \(delivery.url) any more")
        }
    }

    private mutating func drop(_ id: String, _ reason: String) {
        counts.dropped += 1
        counts.lastDropReason = reason
        remove(id)
    }

    private mutating func remove(_ id: String) {
        waiting.removeAll { $0.id == id }
        inFlight.remove(id)
        changed.insert(id)
    }

    mutating func takeChanges() -> [(key: String, value: JSONValue?)] {
        defer { changed = [] }
        return changed.sorted().map { id in (id, waiting.first { $0.id == id }?.stored) }
    }
}
