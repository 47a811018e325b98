import Records

/// While it lasts, alerts that match are not notified. They still fire, are shown and count.
public struct Silence: Hashable, Sendable {
    public var id: String
    /// All must match; at least one.
    public var matchers: [LabelMatcher]
    /// Nanoseconds since the epoch, as is `endsAt`.
    public var startsAt: Int64
    public var endsAt: Int64
    public var createdBy: String
    public var comment: String

    public init(
        id: String, matchers: [LabelMatcher], startsAt: Int64, endsAt: Int64, createdBy: String, comment: String
    ) {
        precondition(!matchers.isEmpty, "a silence without matchers would silence everything")
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.createdBy = createdBy
        self.comment = comment
    }

    public func covers(_ labels: [String: String], at now: Int64) -> Bool {
        startsAt <= now && now < endsAt && matchers.allSatisfy { $0.matches(labels) }
    }

    var stored: JSONValue {
        [
            "id": .string(id), "matchers": .strings(matchers.map(\.description)), "startsAt": .number(startsAt),
            "endsAt": .number(endsAt), "createdBy": .string(createdBy), "comment": .string(comment),
        ]
    }

    init?(stored json: JSONValue) {
        let texts = (json["matchers"]?.elements ?? []).compactMap(\.text)
        let matchers = texts.compactMap { try? LabelMatcher(parsing: $0) }
        guard let id = json["id"]?.text, !matchers.isEmpty, matchers.count == texts.count,
            let startsAt = json["startsAt"]?.integer, let endsAt = json["endsAt"]?.integer
        else { return nil }
        self.init(
            id: id, matchers: matchers, startsAt: startsAt, endsAt: endsAt, createdBy: json["createdBy"]?.text ?? "",
            comment: json["comment"]?.text ?? "")
    }

    /// How it is shown on `/api/v1/silences`.
    public var json: JSONValue {
        [
            "id": .string(id), "matchers": .strings(matchers.map(\.description)), "startsAt": .time(startsAt),
            "endsAt": .time(endsAt), "createdBy": .string(createdBy), "comment": .string(comment),
        ]
    }
}
