import Bytes
import Records

/// Loki's push requests (`/loki/api/v1/push`), as JSON or as protobuf: streams of labels with entries of a time, a line
/// and structured metadata.
///
/// Labels and metadata become fields, the labels also the stream. A line that is a JSON object gives its members as
/// fields, any other becomes the message.
public struct LokiPush: Sendable {
    public private(set) var lines = RecordLines()
    /// Whether lines that are JSON are read as fields.
    private let readsJSON: Bool
    /// Whether the labels are the stream; otherwise the sender has named the stream's fields itself.
    private let namesStream: Bool

    private typealias Label = (name: [UInt8], value: [UInt8])

    public init(readsJSON: Bool, namesStream: Bool) {
        self.readsJSON = readsJSON
        self.namesStream = namesStream
    }

    // MARK: Protobuf

    /// Reads an unpacked `PushRequest`. O(bytes).
    public mutating func read(protobuf bytes: RawSpan) throws(PushError) {
        var place = 0
        while let field = try Protobuf.next(bytes, &place, end: bytes.byteCount) {
            if field.number == 1, field.wire == .bytes { try readStream(bytes, field.range) }
        }
    }

    private mutating func readStream(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) {
        var shared: [UInt8] = []
        var entries: [Range<Int>] = []
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            switch field.number {
            case 1: shared = members(of: try LokiLabels.parse(bytes, field.range))
            case 2: entries.append(field.range)
            default: break
            }
        }
        for entry in entries { try readEntry(bytes, entry, shared: shared) }
    }

    private mutating func readEntry(_ bytes: RawSpan, _ range: Range<Int>, shared: [UInt8]) throws(PushError) {
        var time: Int64?
        var line = range.lowerBound..<range.lowerBound
        var metadata: [Label] = []
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            switch field.number {
            case 1: time = try Self.time(bytes, field.range)
            case 2: line = field.range
            case 3: metadata.append(try Self.pair(bytes, field.range))
            default: break
            }
        }
        try append(line: bytes.slice(line.lowerBound, line.count), metadata, shared: shared, time: time)
    }

    /// `google.protobuf.Timestamp`; nil for the epoch itself and for what no clock shows.
    private static func time(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) -> Int64? {
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            if field.number == 1, field.wire == .varint { seconds = Int64(bitPattern: field.value) }
            if field.number == 2, field.wire == .varint { nanoseconds = Int64(bitPattern: field.value) }
        }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: Timestamp.nanosecondsPerSecond)
        let (time, carried) = whole.addingReportingOverflow(nanoseconds)
        return overflow || carried || time == 0 ? nil : time
    }

    private static func pair(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) -> Label {
        var label: Label = ([], [])
        var place = range.lowerBound
        while let field = try Protobuf.next(bytes, &place, end: range.upperBound) {
            guard field.wire == .bytes else { continue }
            if field.number == 1 { label.name = bytes.copy(field.range) }
            if field.number == 2 { label.value = bytes.copy(field.range) }
        }
        return label
    }

    // MARK: JSON

    /// Reads `{"streams":[{"stream":{…},"values":[["ns","line",{…}]]}]}`. O(bytes).
    public mutating func read(json bytes: [UInt8]) throws(PushError) {
        let tree: JSONValue
        do { tree = try JSONValue(parsing: bytes) } catch { throw PushError(error.description) }
        guard let streams = tree["streams"]?.elements else { throw PushError("expected {\"streams\":[…]}") }
        for (number, stream) in streams.enumerated() {
            guard let labels = stream["stream"]?.members, let values = stream["values"]?.elements else {
                throw PushError("stream \(number + 1) lacks \"stream\" or \"values\"")
            }
            let shared = members(of: labels.map(Self.label))
            for value in values {
                guard let parts = value.elements, parts.count >= 2, let line = parts[1].text else {
                    throw PushError("a value of stream \(number + 1) is not [\"time\", \"line\"]")
                }
                let spelling = parts[0].text ?? parts[0].description
                guard let time = Int64(spelling) else {
                    throw PushError("a time of stream \(number + 1) is no number of nanoseconds: \(spelling)")
                }
                let metadata = parts.count > 2 ? parts[2].members ?? [] : []
                try append(
                    line: Array(line.utf8).rawSpan, metadata.map(Self.label), shared: shared,
                    time: time == 0 ? nil : time)
            }
        }
    }

    private static func label(_ member: JSONMember) -> Label {
        (Array(member.key.utf8), Array((member.value.text ?? member.value.description).utf8))
    }

    // MARK: Records

    private func members(of labels: [Label]) -> [UInt8] {
        var members = JSONMembers()
        for label in labels { members.append(label.name, text: label.value) }
        if namesStream { members.append("_stream", text: StreamText.make(labels)) }
        return members.bytes
    }

    private mutating func append(line: RawSpan, _ metadata: [Label], shared: [UInt8], time: Int64?) throws(PushError) {
        var own = JSONMembers()
        if readsJSON, let inside = Self.insideOfObject(line) {
            own.append(membersOf: line.slice(inside.lowerBound, inside.count))
        } else {
            own.append(Array("_msg".utf8).rawSpan, text: line)
        }
        for label in metadata { own.append(label.name, text: label.value) }
        try lines.append(shared: shared, own: own, time: time)
    }

    /// Where the members of a line stand that is one JSON object, or nil.
    private static func insideOfObject(_ line: RawSpan) -> Range<Int>? {
        var start = 0
        var end = line.byteCount
        while start < end, isJSONBlank(line[start]) { start += 1 }
        while end > start, isJSONBlank(line[end - 1]) { end -= 1 }
        guard end - start >= 2, line[start] == .openBrace, line[end - 1] == .closeBrace,
            firstIndex(of: .lineFeed, in: line, from: start) == nil, isWellFormedUTF8(line),
            (try? JSONValue(parsing: line.copy(start..<end))) != nil
        else { return nil }
        return (start + 1)..<(end - 1)
    }
}
