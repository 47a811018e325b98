import Bytes
import Records

/// Syslog messages over a connection, framed by their length or by line feeds (RFC 6587, 3.4.1 and 3.4.2). A message
/// that is framed by its length may hold line feeds.
public struct SyslogStreamParser: Sendable {
    private enum Framing { case lines, lengths }

    private var parser: TextLinesParser
    private let framing: Framing
    /// Of `lengths`: the beginning of a frame.
    private var pending: [UInt8] = []
    /// Bytes of `pending` that hold no line feed, where its beginning is no length.
    private var searched = 0
    /// Bytes of a frame over the limit that are still to be passed over.
    private var bytesToDrop = 0

    /// Digits of a frame's length, at most.
    private static let lengthDigits = 9

    /// Whether a connection that begins with these bytes speaks syslog: no JSON text begins like this. O(blanks).
    public static func begins(_ bytes: [UInt8]) -> Bool {
        firstByte(bytes).map { isOpening($0) || isLength($0) } ?? false
    }

    /// `beginning`: the connection's first bytes; they are to be fed still.
    public init(options: ParseOptions, beginning: [UInt8]) {
        parser = TextLinesParser(format: .syslog, options: options, joinsLines: false)
        framing = Self.firstByte(beginning).map(Self.isLength) == true ? .lengths : .lines
    }

    private static func firstByte(_ bytes: [UInt8]) -> UInt8? { bytes.first { !isJSONBlank($0) && $0 != .lineFeed } }
    private static func isOpening(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "<") }
    private static func isLength(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "1") && byte <= UInt8(ascii: "9") }

    /// Reads more, in pieces of any size. O(bytes).
    public mutating func feed(_ bytes: RawSpan, arrival: Int64) {
        guard framing == .lengths else { return parser.feed(bytes, arrival: arrival) }
        let dropped = min(bytesToDrop, bytes.byteCount)
        bytesToDrop -= dropped
        pending.append(copying: bytes.slice(dropped, bytes.byteCount - dropped))
        // Out of `self` while the parser works, so that neither is copied.
        var held = exchange(&pending, [])
        var place = 0
        while readFrame(held, &place, arrival: arrival) {}
        held.removeFirst(min(place, held.count))
        pending = held
    }

    /// Reads the frame at `place`, which moves behind it; false if it is not whole yet.
    private mutating func readFrame(_ held: [UInt8], _ place: inout Int, arrival: Int64) -> Bool {
        while place < held.count, isJSONBlank(held[place]) || held[place] == .lineFeed { place += 1 }
        guard place < held.count else { return false }
        var digits = 0
        var length = 0
        while place + digits < held.count, digits < Self.lengthDigits, held[place + digits].isASCIIDigit {
            length = length * 10 + Int(held[place + digits] & 15)
            digits += 1
        }
        guard place + digits < held.count else { return false }
        let start = place + digits + 1
        guard digits > 0, held[start - 1] == 0x20 else { return readLine(held, &place, arrival: arrival) }
        guard length <= Limits.recordBytes else {
            parser.rejectOversized(held.rawSpan.slice(start, min(held.count - start, Rejection.sampleBytes)))
            place = start + length
            bytesToDrop = max(0, place - held.count)
            return true
        }
        guard held.count - start >= length else { return false }
        parser.feed(record: held.rawSpan.slice(start, length), arrival: arrival)
        place = start + length
        return true
    }

    /// A sender that loses count: the rest of its line is a message.
    private mutating func readLine(_ held: [UInt8], _ place: inout Int, arrival: Int64) -> Bool {
        guard let end = firstIndex(of: .lineFeed, in: held.rawSpan, from: place + exchange(&searched, 0)) else {
            guard held.count - place > Limits.recordBytes else {
                searched = held.count - place
                return false
            }
            parser.rejectOversized(held.rawSpan.slice(place, Rejection.sampleBytes))
            place = held.count
            return false
        }
        parser.feed(record: held.rawSpan.slice(place, end - place), arrival: arrival)
        place = end + 1
        return true
    }

    /// Ends the input. A frame that is not whole is a message cut short, and taken as far as it came.
    public mutating func finish(arrival: Int64) {
        if framing == .lengths, !pending.isEmpty {
            let digits = pending.prefix { $0.isASCIIDigit }.count
            let start = digits < pending.count && pending[digits] == 0x20 ? digits + 1 : 0
            let held = exchange(&pending, [])
            parser.feed(record: held.rawSpan.slice(start, held.count - start), arrival: arrival)
        }
        parser.finish(arrival: arrival)
    }

    /// The rows at hand as a batch, or nil without any; call it after each feed until it answers nil.
    public mutating func takeBatch() -> RecordBatch? { parser.takeBatch() }

    public var counts: ParseCounts { parser.counts }
    public var hasFullBatch: Bool { parser.hasFullBatch }
    /// Bytes that wait to be taken.
    public var waitingBytes: Int { parser.waitingBytes + pending.count }

    /// Bytes that the parser holds, about, but for an unfinished message.
    public var memoryBytes: Int { parser.memoryBytes }
    /// Whether no row waits to be taken.
    public var isEmpty: Bool { parser.isEmpty }
    /// Frees what is kept ready for more rows; there must be none.
    public mutating func releaseRoom() { parser.releaseRoom() }

    /// The examples of refused messages so far, which are then forgotten.
    public mutating func takeRejections() -> [Rejection] { parser.takeRejections() }
}

extension UInt8 {
    fileprivate var isASCIIDigit: Bool { self &- 48 < 10 }
}
