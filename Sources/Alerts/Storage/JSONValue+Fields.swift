import Records

extension JSONValue {
    /// Names in order, so that the same labels give the same text.
    static func labels(_ labels: [String: String]) -> JSONValue {
        .object(labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) })
    }

    var labels: [String: String]? {
        guard let members else { return nil }
        var labels: [String: String] = [:]
        for member in members {
            guard let text = member.value.text else { return nil }
            labels[member.key] = text
        }
        return labels
    }

    /// An object of the members whose value is there.
    static func object(present members: [(String, JSONValue?)]) -> JSONValue {
        .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
    }

    /// RFC 3339.
    static func time(_ nanoseconds: Int64) -> JSONValue { .string(Timestamp(nanoseconds: nanoseconds).description) }
}
