import Bytes
import Records

/// The JSON encoding of OTLP/HTTP: names in lowerCamelCase, identifiers in hex, 64-bit numbers as texts.
extension OTLPLogs {
    /// O(bytes).
    public mutating func read(json bytes: [UInt8]) throws(PushError) {
        let tree: JSONValue
        do { tree = try JSONValue(parsing: bytes) } catch { throw PushError(error.description) }
        guard case .object = tree else { throw PushError("expected {\"resourceLogs\":[…]}") }
        for resource in tree["resourceLogs"]?.elements ?? [] {
            var shared = OTLPShared()
            shared.resource = Self.attributes(resource["resource"]?["attributes"])
            for scope in resource["scopeLogs"]?.elements ?? [] {
                shared.scope = []
                for part in ["name", "version"] {
                    guard let text = scope["scope"]?[part]?.text, !text.isEmpty else { continue }
                    shared.scope.append((Array("scope.\(part)".utf8), JSONValue.string(text).bytes))
                }
                shared.scope += Self.attributes(scope["scope"]?["attributes"])
                let members = shared.members(namesStream: namesStream)
                for (number, record) in (scope["logRecords"]?.elements ?? []).enumerated() {
                    try Self.record(record, number).append(shared: members, to: &lines)
                }
            }
        }
    }

    private static func record(_ tree: JSONValue, _ number: Int) throws(PushError) -> OTLPRecord {
        guard case .object = tree else { throw PushError("log record \(number + 1) of its scope is no object") }
        func bytes(_ name: String) -> [UInt8] { Array((tree[name]?.text ?? "").utf8) }
        var record = OTLPRecord()
        record.time = try whole(tree, "timeUnixNano")
        record.observedTime = try whole(tree, "observedTimeUnixNano")
        record.severityNumber = Int(clamping: try whole(tree, "severityNumber"))
        record.severityText = bytes("severityText")
        record.traceID = Array((tree["traceId"]?.text ?? "").lowercased().utf8)
        record.spanID = Array((tree["spanId"]?.text ?? "").lowercased().utf8)
        record.eventName = bytes("eventName")
        for (name, json) in attributes(tree["attributes"]) { record.attributes.append(name.rawSpan, json: json) }
        if let value = tree["body"] { record.body = body(json: plain(value).bytes) }
        return record
    }

    private static func whole(_ tree: JSONValue, _ name: String) throws(PushError) -> UInt64 {
        guard let value = tree[name], value != .null else { return 0 }
        guard let number = UInt64(value.text ?? value.description) else {
            throw PushError("\(name) is no whole number: \(value)")
        }
        return number
    }

    private static func attributes(_ list: JSONValue?) -> [(name: [UInt8], json: [UInt8])] {
        (list?.elements ?? []).map { pair in
            (Array((pair["key"]?.text ?? "").utf8), pair["value"].map { plain($0).bytes } ?? Array("null".utf8))
        }
    }

    /// An `AnyValue` without its wrapping.
    private static func plain(_ value: JSONValue) -> JSONValue {
        guard let member = value.members?.last else { return .null }
        switch member.key {
        case "intValue": return .number(member.value.text ?? member.value.description)
        case "arrayValue": return .array((member.value["values"]?.elements ?? []).map(plain))
        case "kvlistValue":
            let members = member.value["values"]?.elements ?? []
            return .object(members.map { JSONMember($0["key"]?.text ?? "", $0["value"].map(plain) ?? .null) })
        case "stringValue", "boolValue", "doubleValue", "bytesValue": return member.value
        default: return .null
        }
    }
}
