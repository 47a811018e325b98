import Bytes
import QueryLanguage
import Records

/// `extra_filters` and `extra_stream_filters`: what a proxy adds to every query of a user, as LogsQL, or as a JSON
/// object of fields with a value or a list of values.
enum ExtraFilter {
    static func parse(_ text: String, name: String) throws -> Filter {
        let bytes = Array(text.utf8)
        if text.hasPrefix("{\""), let json = try? JSONValue(parsing: bytes), case .object(let members) = json {
            return name == "extra_stream_filters" ? try selector(members, name) : try filter(members, name)
        }
        do { return try QueryParser.parseFilter(text) } catch {
            throw AnswerError(.badRequest, "\(name): " + error.marked(in: text))
        }
    }

    private static func filter(_ members: [JSONMember], _ name: String) throws -> Filter {
        try members.reduce(.all) { filter, member in
            let values = try Self.values(member.value, name)
            if values.isEmpty { return filter }
            let condition: FieldCondition = values.count == 1 ? .exact(values[0]) : .isIn(.values(values))
            return filter.intersected(with: .field(ByteString(member.key), condition))
        }
    }

    /// The same on the fields of streams.
    private static func selector(_ members: [JSONMember], _ name: String) throws -> Filter {
        let matchers = try members.compactMap { member -> LabelMatcher? in
            let values = try Self.values(member.value, name)
            if values.isEmpty { return nil }
            let test = values.count == 1 ? LabelMatcher.Test.equals(values[0]) : .oneOf(values)
            return LabelMatcher(label: ByteString(member.key), test: test)
        }
        return matchers.isEmpty ? .all : .stream(StreamSelector(alternatives: [matchers]))
    }

    private static func values(_ json: JSONValue, _ name: String) throws -> [ByteString] {
        switch json {
        case .string(let text): return [ByteString(text)]
        case .array(let list): return try list.flatMap { try values($0, name) }
        default: throw AnswerError(.badRequest, "\(name): a field needs a text or a list of texts")
        }
    }
}
