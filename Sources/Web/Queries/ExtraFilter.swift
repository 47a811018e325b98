import Bytes
import QueryLanguage
import Records

/// `extra_filters` and `extra_stream_filters`: what a proxy adds to every query of a user, as LogsQL, or as a JSON
/// object of fields with a value or a list of values.
enum ExtraFilter {
    static func parse(_ text: String, name: String) throws -> Filter {
        let bytes = Array(text.utf8)
        if let json = try? JSONValue(parsing: bytes), case .object(let members) = json {
            return try filter(members, name)
        }
        do { return try QueryParser.parseFilter(text) } catch {
            throw AnswerError(.badRequest, "\(name): " + error.marked(in: text))
        }
    }

    private static func filter(_ members: [JSONMember], _ name: String) throws -> Filter {
        try members.reduce(.all) { filter, member in
            let values = try Self.values(member.value, name)
            return filter.intersected(with: .field(ByteString(member.key), .isIn(.values(values))))
        }
    }

    private static func values(_ json: JSONValue, _ name: String) throws -> [ByteString] {
        switch json {
        case .string(let text): return [ByteString(text)]
        case .array(let list): return try list.flatMap { try values($0, name) }
        default: throw AnswerError(.badRequest, "\(name): a field needs a text or a list of texts")
        }
    }
}
