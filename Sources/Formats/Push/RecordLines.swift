import Bytes
import Records

/// Records of other protocols, written as the JSON lines that the one parser reads: its rules for names, nesting, times
/// and limits then hold for all of them.
public struct RecordLines: Sendable {
    public private(set) var bytes: [UInt8] = []
    public private(set) var records = 0

    public init() {}

    /// Appends a record: members that many share, its own, and its time (nil: that of its arrival). The time stands
    /// last, since of equal names the last counts. O(bytes). Throws where a request's records become too many bytes:
    /// what they share may be long, and each gets a copy.
    mutating func append(shared: [UInt8], own: JSONMembers, time: Int64?) throws(PushError) {
        guard bytes.count + shared.count + own.bytes.count <= Self.limitBytes else {
            throw PushError("the records of this request take more than \(Self.limitBytes >> 20) MiB: send fewer")
        }
        bytes.append(.openBrace)
        bytes.append(contentsOf: shared)
        if !own.bytes.isEmpty {
            if !shared.isEmpty { bytes.append(.comma) }
            bytes.append(contentsOf: own.bytes)
        }
        if !shared.isEmpty || !own.bytes.isEmpty { bytes.append(.comma) }
        bytes.append(contentsOf: Self.timeKey)
        bytes.append(.quote)
        if let time {
            Timestamp(nanoseconds: time).appendRFC3339(to: &bytes)
        } else {
            bytes.append(UInt8(ascii: "0"))
        }
        bytes.append(.quote)
        bytes.append(.closeBrace)
        bytes.append(.lineFeed)
        records += 1
    }

    private static let limitBytes = 128 << 20
    private static let timeKey = Array("\"_time\":".utf8)
}

/// The inside of a JSON object that is being written.
struct JSONMembers: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Appends a text. O(length).
    mutating func append(_ name: RawSpan, text: RawSpan) {
        appendKey(name)
        appendJSONString(text, to: &bytes)
    }

    mutating func append(_ name: [UInt8], text: [UInt8]) { append(name.rawSpan, text: text.rawSpan) }

    mutating func append(_ name: String, text: [UInt8]) { append(Array(name.utf8), text: text) }

    /// Appends a value that is JSON already.
    mutating func append(_ name: RawSpan, json: [UInt8]) {
        appendKey(name)
        bytes.append(contentsOf: json)
    }

    mutating func append(_ name: String, json: [UInt8]) { append(Array(name.utf8).rawSpan, json: json) }

    /// Appends the inside of an object.
    mutating func append(membersOf inside: RawSpan) {
        guard !isBlankLine(inside) else { return }
        if !bytes.isEmpty { bytes.append(.comma) }
        bytes.append(copying: inside)
    }

    private mutating func appendKey(_ name: RawSpan) {
        if !bytes.isEmpty { bytes.append(.comma) }
        appendJSONString(name, to: &bytes)
        bytes.append(.colon)
    }
}
