import Bytes
import Records

/// One log record of OpenTelemetry on its way to a line, from whichever encoding.
///
/// Attributes become fields of their own names; the body the message, or fields if it is a map; `level` follows the
/// severity number (OpenTelemetry, logs data model, "Severity Fields"), and `severity` keeps the sender's own word.
struct OTLPRecord {
    /// Nanoseconds since the epoch, 0 if unknown.
    var time: UInt64 = 0
    var observedTime: UInt64 = 0
    var severityNumber = 0
    var severityText: [UInt8] = []
    var attributes = JSONMembers()
    /// `_msg`, or the members of a map.
    var body = JSONMembers()
    /// Lower-case hex.
    var traceID: [UInt8] = []
    var spanID: [UInt8] = []
    var eventName: [UInt8] = []

    private static let levels = ["trace", "debug", "info", "warn", "error", "fatal"]

    func append(shared: [UInt8], to lines: inout RecordLines) throws(PushError) {
        var own = JSONMembers()
        own.append(membersOf: attributes.bytes.rawSpan)
        if (1...24).contains(severityNumber) {
            own.append("level", text: Array(Self.levels[(severityNumber - 1) / 4].utf8))
        } else if !severityText.isEmpty {
            own.append("level", text: Array(String(decoding: severityText, as: UTF8.self).lowercased().utf8))
        }
        if !severityText.isEmpty { own.append("severity", text: severityText) }
        if !eventName.isEmpty { own.append("event_name", text: eventName) }
        if !Self.isZero(traceID) { own.append("trace_id", text: traceID) }
        if !Self.isZero(spanID) { own.append("span_id", text: spanID) }
        own.append(membersOf: body.bytes.rawSpan)
        let time = time > 0 ? time : observedTime
        try lines.append(shared: shared, own: own, time: time > 0 ? Int64(exactly: time) : nil)
    }

    /// Identifiers of zeros mean none.
    private static func isZero(_ hex: [UInt8]) -> Bool { hex.allSatisfy { $0 == UInt8(ascii: "0") } }
}

/// What the records of one resource and scope share.
struct OTLPShared {
    var resource: [(name: [UInt8], json: [UInt8])] = []
    var scope: [(name: [UInt8], json: [UInt8])] = []

    /// The members. The resource is the stream, unless the sender has named the stream's fields itself.
    func members(namesStream: Bool) -> [UInt8] {
        var members = JSONMembers()
        for attribute in resource + scope { members.append(attribute.name.rawSpan, json: attribute.json) }
        if namesStream {
            members.append("_stream", text: StreamText.make(resource.map { ($0.name, Self.text($0.json)) }))
        }
        return members.bytes
    }

    /// A value as its field will show it: texts without their quotes.
    private static func text(_ json: [UInt8]) -> [UInt8] {
        guard json.first == .quote else { return json == Array("null".utf8) ? [] : json }
        var text: [UInt8] = []
        return appendUnescapedJSON(json.rawSpan.slice(1, json.count - 2), to: &text) == nil ? text : json
    }
}
