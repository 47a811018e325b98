import Bytes
import Formats
import Records

/// A line from the server to an agent.
public enum Reply: Sendable, Equatable {
    /// The answer to a hello: the highest number of the agent's that is durable, 0 for none.
    case welcome(agent: String, last: UInt64)
    /// Every record up to this number is durable and visible, or was refused and is described.
    case acknowledgement(UInt64, rejected: Int, examples: [Refusal])
    /// The connection ends because of this.
    case failure(String)

    /// One refused record.
    public struct Refusal: Sendable, Equatable {
        /// Its number in the agent's numbering.
        public var record: UInt64
        public var reason: String
        /// The beginning of its line.
        public var sample: String

        public init(record: UInt64, reason: String, sample: String) {
            self.record = record
            self.reason = reason
            self.sample = sample
        }
    }

    /// The line, its line feed included.
    public var line: [UInt8] {
        switch self {
        case .welcome(let agent, let last):
            return protocolLine([
                JSONMember("plumb", .number(String(Hello.version))), JSONMember("agent", .string(agent)),
                JSONMember("last", .number(String(last))),
            ])
        case .acknowledgement(let number, let rejected, let examples):
            var members = [JSONMember("ack", .number(String(number)))]
            if rejected > 0 {
                members.append(JSONMember("rejected", .number(String(rejected))))
                let refusals = examples.map { refusal in
                    JSONValue.object([
                        JSONMember("record", .number(String(refusal.record))),
                        JSONMember("reason", .string(refusal.reason)),
                        JSONMember("sample", .string(refusal.sample)),
                    ])
                }
                members.append(JSONMember("rejections", .array(refusals)))
            }
            return protocolLine(members)
        case .failure(let reason): return protocolLine([JSONMember("error", .string(reason))])
        }
    }

    /// Reads a line, given without its line feed; nil for one that is not understood, which later versions may send.
    public init?(parsing line: [UInt8]) {
        guard let tree = try? JSONValue(parsing: line) else { return nil }
        if let reason = tree["error"]?.text {
            self = .failure(reason)
        } else if let number = tree["ack"]?.integer, number >= 0 {
            let examples = (tree["rejections"]?.elements ?? []).compactMap { refusal -> Refusal? in
                guard let record = refusal["record"]?.integer, record >= 0 else { return nil }
                return Refusal(
                    record: UInt64(record), reason: refusal["reason"]?.text ?? "", sample: refusal["sample"]?.text ?? ""
                )
            }
            let rejected = Int(tree["rejected"]?.integer ?? 0)
            self = .acknowledgement(UInt64(number), rejected: rejected, examples: examples)
        } else if let last = tree["last"]?.integer, last >= 0, let agent = tree["agent"]?.text {
            self = .welcome(agent: agent, last: UInt64(last))
        } else {
            return nil
        }
    }
}

/// A JSON object as one line.
func protocolLine(_ members: [JSONMember]) -> [UInt8] {
    var line: [UInt8] = []
    append(.object(members), to: &line)
    line.append(0x0A)
    return line
}

private func append(_ value: JSONValue, to line: inout [UInt8]) {
    switch value {
    case .null: line.append(contentsOf: "null".utf8)
    case .bool(let flag): line.append(contentsOf: (flag ? "true" : "false").utf8)
    case .number(let spelling): line.append(contentsOf: spelling.utf8)
    case .string(let text): appendJSONString(Array(text.utf8).rawSpan, to: &line)
    case .array(let elements):
        line.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            append(element, to: &line)
        }
        line.append(UInt8(ascii: "]"))
    case .object(let members):
        line.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            appendJSONString(Array(member.key.utf8).rawSpan, to: &line)
            line.append(UInt8(ascii: ":"))
            append(member.value, to: &line)
        }
        line.append(UInt8(ascii: "}"))
    }
}
