import Bytes
import Records

/// The JSON encoding of OTLP/HTTP: names in lowerCamelCase, identifiers in hex, 64-bit numbers as texts.
extension OTLPLogs {
    /// O(bytes).
    public mutating func read(json bytes: [UInt8]) throws(PushError) {
        let tree: JSONValue
        do {
            // Each level of a value takes four of the text.
            tree = try JSONValue(parsing: bytes, depth: 4 * Self.depth + 16)
        } catch {
            throw PushError(error.description)
        }
        guard let members = tree.members, members.isEmpty || tree["resourceLogs"] != nil else {
            throw PushError("expected {\"resourceLogs\":[…]}")
        }
        for resource in try Self.list(tree, "resourceLogs") {
            var shared = OTLPShared()
            shared.resource = Self.attributes(resource["resource"]?["attributes"])
            for scope in try Self.list(resource, "scopeLogs") {
                shared.scope = []
                for part in ["name", "version"] {
                    guard let text = scope["scope"]?[part]?.text, !text.isEmpty else { continue }
                    shared.scope.append((Array("scope.\(part)".utf8), JSONValue.string(text).bytes))
                }
                shared.scope += Self.attributes(scope["scope"]?["attributes"])
                let members = shared.members(namesStream: namesStream)
                for (number, record) in try Self.list(scope, "logRecords").enumerated() {
                    try Self.record(record, number).append(shared: members, to: &lines)
                }
            }
        }
    }

    private static func list(_ tree: JSONValue, _ name: String) throws(PushError) -> [JSONValue] {
        guard let value = tree[name], value != .null else { return [] }
        guard let list = value.elements else { throw PushError("\(name) is no list") }
        return list
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

    /// An `AnyValue` without its wrapping. Null means that a member is not set; unknown members mean nothing.
    private static func plain(_ value: JSONValue) -> JSONValue {
        let known = value.members?.last { valueNames.contains($0.key) && $0.value != .null }
        guard let known else { return .null }
        switch known.key {
        case "intValue":
            let text = known.value.text ?? known.value.description
            return Int64(text).map { .number($0) } ?? .string(text)
        case "arrayValue": return .array((known.value["values"]?.elements ?? []).map(plain))
        case "kvlistValue":
            let members = known.value["values"]?.elements ?? []
            return .object(members.map { JSONMember($0["key"]?.text ?? "", $0["value"].map(plain) ?? .null) })
        default: return known.value
        }
    }

    private static let valueNames: Set<String> = [
        "stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue",
    ]
}
