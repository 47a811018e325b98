import Bytes
import Records

/// `ExportLogsServiceRequest` of OTLP/HTTP, in the protobuf encoding (opentelemetry-proto, logs/v1/logs.proto).
public struct OTLPLogs: Sendable {
    public internal(set) var lines = RecordLines()
    /// Whether the resource's attributes are the stream.
    let namesStream: Bool
    /// Values within values, at most.
    static let depth = 32

    public init(namesStream: Bool) { self.namesStream = namesStream }

    /// O(bytes).
    public mutating func read(protobuf bytes: RawSpan) throws(PushError) {
        var place = 0
        while let field = try Protobuf.next(bytes, &place, end: bytes.byteCount) {
            if field.number == 1, field.wire == .bytes { try readResource(bytes, field.range) }
        }
    }

    private mutating func readResource(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) {
        var shared = OTLPShared()
        var scopes: [Range<Int>] = []
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            if field.number == 2 { scopes.append(field.range) }
            guard field.number == 1 else { continue }
            var inner = field.range.lowerBound
            while let part = try Protobuf.next(bytes, &inner, end: field.range.upperBound) {
                guard part.number == 1, part.wire == .bytes else { continue }
                let (name, value) = try Self.pair(bytes, part.range, depth: Self.depth)
                shared.resource.append((name, value))
            }
        }
        for scope in scopes { try readScope(bytes, scope, shared) }
    }

    private mutating func readScope(
        _ bytes: RawSpan, _ range: Range<Int>, _ resource: OTLPShared
    ) throws(PushError) {
        var shared = resource
        var records: [Range<Int>] = []
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            if field.number == 1 { shared.scope = try Self.scope(bytes, field.range) }
            if field.number == 2 { records.append(field.range) }
        }
        let members = shared.members(namesStream: namesStream)
        for record in records {
            let record = try Self.record(bytes, record)
            try record.append(shared: members, to: &lines)
        }
    }

    private static func scope(
        _ bytes: RawSpan, _ range: Range<Int>
    ) throws(PushError) -> [(name: [UInt8], json: [UInt8])] {
        var members: [(name: [UInt8], json: [UInt8])] = []
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            let names = [1: "scope.name", 2: "scope.version"]
            if let name = names[field.number], !field.range.isEmpty {
                var json: [UInt8] = []
                appendJSONString(bytes.slice(field.range.lowerBound, field.range.count), to: &json)
                members.append((Array(name.utf8), json))
            } else if field.number == 3 {
                members.append(try pair(bytes, field.range, depth: depth))
            }
        }
        return members
    }

    private static func record(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) -> OTLPRecord {
        var record = OTLPRecord()
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            switch (field.number, field.wire) {
            case (1, .fixed64): record.time = field.value
            case (11, .fixed64): record.observedTime = field.value
            case (2, .varint): record.severityNumber = Int(clamping: field.value)
            case (3, .bytes): record.severityText = bytes.copy(field.range)
            case (5, .bytes): record.body = try body(bytes, field.range)
            case (6, .bytes):
                let (name, value) = try pair(bytes, field.range, depth: depth)
                record.attributes.append(name.rawSpan, json: value)
            case (9, .bytes): record.traceID = hex(bytes, field.range)
            case (10, .bytes): record.spanID = hex(bytes, field.range)
            case (12, .bytes): record.eventName = bytes.copy(field.range)
            default: break
            }
        }
        return record
    }

    private static func hex(_ bytes: RawSpan, _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        HexText.append(bytes.slice(range.lowerBound, range.count), digits: range.count * 2, upperCase: false, to: &text)
        return text
    }

    private static func body(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) -> JSONMembers {
        var json: [UInt8] = []
        try appendValue(bytes, range, depth: depth, to: &json)
        return body(json: json)
    }

    /// A text is the message; a map gives fields; anything else is the message as JSON.
    static func body(json: [UInt8]) -> JSONMembers {
        var body = JSONMembers()
        switch json.first {
        case UInt8(ascii: "{"): body.append(membersOf: json.rawSpan.slice(1, json.count - 2))
        case .quote: body.append(Array("_msg".utf8).rawSpan, json: json)
        case UInt8(ascii: "n"): break
        default: body.append("_msg", text: json)
        }
        return body
    }

    // MARK: Values

    private static func pair(
        _ bytes: RawSpan, _ range: Range<Int>, depth: Int
    ) throws(PushError) -> (name: [UInt8], json: [UInt8]) {
        var name: [UInt8] = []
        var json = Array("null".utf8)
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            if field.number == 1 { name = bytes.copy(field.range) }
            if field.number == 2 {
                json = []
                try appendValue(bytes, field.range, depth: depth, to: &json)
            }
        }
        return (name, json)
    }

    /// Appends an `AnyValue` as JSON.
    private static func appendValue(
        _ bytes: RawSpan, _ range: Range<Int>, depth: Int, to json: inout [UInt8]
    ) throws(PushError) {
        guard depth > 0 else { throw PushError("values nested deeper than \(Self.depth)", at: range.lowerBound) }
        let start = json.count
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            // Of several, the last counts.
            json.removeSubrange(start...)
            switch (field.number, field.wire) {
            case (1, .bytes): appendJSONString(bytes.slice(field.range.lowerBound, field.range.count), to: &json)
            case (2, .varint): json.append(contentsOf: (field.value != 0 ? "true" : "false").utf8)
            case (3, .varint): json.append(contentsOf: String(Int64(bitPattern: field.value)).utf8)
            case (4, .fixed64): OTLPNumber.append(Double(bitPattern: field.value), to: &json)
            case (5, .bytes): try appendArray(bytes, field.range, depth: depth - 1, to: &json)
            case (6, .bytes): try appendMap(bytes, field.range, depth: depth - 1, to: &json)
            case (7, .bytes):
                json.append(.quote)
                Base64.append(bytes.slice(field.range.lowerBound, field.range.count), to: &json)
                json.append(.quote)
            default: break
            }
        }
        if json.count == start { json.append(contentsOf: "null".utf8) }
    }

    private static func appendArray(
        _ bytes: RawSpan, _ range: Range<Int>, depth: Int, to json: inout [UInt8]
    ) throws(PushError) {
        json.append(.openBracket)
        var isFirst = true
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.number == 1, field.wire == .bytes else { continue }
            if !isFirst { json.append(.comma) }
            isFirst = false
            try appendValue(bytes, field.range, depth: depth, to: &json)
        }
        json.append(.closeBracket)
    }

    private static func appendMap(
        _ bytes: RawSpan, _ range: Range<Int>, depth: Int, to json: inout [UInt8]
    ) throws(PushError) {
        var members = JSONMembers()
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.number == 1, field.wire == .bytes else { continue }
            let (name, value) = try pair(bytes, field.range, depth: depth)
            members.append(name.rawSpan, json: value)
        }
        json.append(.openBrace)
        json.append(contentsOf: members.bytes)
        json.append(.closeBrace)
    }
}

/// Numbers as fields show them.
enum OTLPNumber {
    /// Whole numbers without a fraction; what JSON has no number for as a text.
    static func append(_ value: Double, to json: inout [UInt8]) {
        let number = JSONValue.number(value)
        guard number == .null else { return number.append(to: &json) }
        json.append(contentsOf: "\"\(value)\"".utf8)
    }
}
