import Bytes
import Formats
import Records

/// The first line of an agent that wants acknowledgements (`Docs/Protocols/Tcp.md`).
public struct Hello: Sendable, Equatable {
    /// The agent's lasting name: 1 to `maximumNameBytes` bytes without control characters.
    public var agent: String
    /// The number of the first record that follows; nil for the one after the server's last.
    public var first: UInt64?
    public var tenant = Tenant.main
    /// The arguments of `/insert/jsonline`, spelt the same: `_time_field` and so on.
    public var timeField: String?
    public var messageField: String?
    public var streamFields: String?
    public var ignoreFields: String?
    public var extraFields: String?

    public static let version = 1
    public static let maximumNameBytes = 256
    /// 2⁶²: leaves room for every record that a connection can bring.
    public static let maximumFirst: Int64 = 1 << 62

    public init(agent: String, first: UInt64? = nil) {
        self.agent = agent
        self.first = first
    }

    public var options: ParseOptions {
        ParseOptions(
            timeField: timeField, messageField: messageField, streamFields: streamFields, ignoreFields: ignoreFields,
            extraFields: extraFields, tenant: tenant)
    }

    /// The line, its line feed included.
    public var line: [UInt8] {
        var members = [
            JSONMember("plumb", .number(String(Self.version))), JSONMember("agent", .string(agent)),
        ]
        if let first { members.append(JSONMember("first", .number(String(first)))) }
        if tenant != .main { members.append(JSONMember("tenant", .string(tenant.description))) }
        let arguments = [
            ("_time_field", timeField), ("_msg_field", messageField), ("_stream_fields", streamFields),
            ("ignore_fields", ignoreFields), ("extra_fields", extraFields),
        ]
        for (name, value) in arguments {
            if let value { members.append(JSONMember(name, .string(value))) }
        }
        return protocolLine(members)
    }
}

/// Why a hello was not taken, as it is told to the sender.
public struct HelloError: Error, Sendable, Equatable, CustomStringConvertible {
    public var reason: String
    public var description: String { reason }
}

extension Hello {
    /// Reads a hello line, given without its line feed.
    public init(parsing line: [UInt8]) throws(HelloError) {
        let tree: JSONValue
        do { tree = try JSONValue(parsing: line) } catch { throw HelloError(reason: "the hello is no JSON: \(error)") }
        guard tree["plumb"]?.integer == Int64(Self.version) else {
            throw HelloError(reason: "this server speaks version \(Self.version) of the protocol")
        }
        guard let agent = tree["agent"]?.text, !agent.isEmpty, agent.utf8.count <= Self.maximumNameBytes,
            agent.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw HelloError(reason: "agent: a name of 1 to \(Self.maximumNameBytes) bytes is wanted") }
        self.init(agent: agent)
        if let first = tree["first"] {
            guard let number = first.integer, number > 0, number <= Self.maximumFirst else {
                throw HelloError(reason: "first: a number from 1 to 2^62 is wanted")
            }
            self.first = UInt64(number)
        }
        if let tenant = tree["tenant"] {
            guard let text = tenant.text, let read = Self.tenant(text) else {
                throw HelloError(reason: "tenant: ACCOUNT:PROJECT is wanted")
            }
            self.tenant = read
        }
        timeField = tree["_time_field"]?.text
        messageField = tree["_msg_field"]?.text
        streamFields = tree["_stream_fields"]?.text
        ignoreFields = tree["ignore_fields"]?.text
        extraFields = tree["extra_fields"]?.text
    }

    private static func tenant(_ text: String) -> Tenant? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let account = UInt32(parts[0]), let project = UInt32(parts[1]) else { return nil }
        return Tenant(account: account, project: project)
    }
}
