import Bytes
import Formats
import Machine
import Records

/// One sender's stream on its way into batches: parser, numbering and refusals together, without any input or output.
///
/// The HTTP and the TCP side both use it: feed bytes, take portions, hand each to the sink, and report what it says.
public struct IngestSession: Sendable {
    /// Rows for one append, and what may be said once it has returned.
    public struct Portion: Sendable {
        /// Without rows if all of its records were refused.
        public var batch: RecordBatch
        /// To be stored with the rows; nil for senders without a numbering.
        public var mark: SourceMark?
        /// Records refused since the portion before.
        public var rejected = 0
        /// The first of them.
        public var rejections: [Rejection] = []
    }

    /// Fewer are parsed in less time than measuring it takes.
    private static let measuredBytes = 4096

    /// How many records came to what, so far.
    public private(set) var summary = AcceptedSummary()
    private var parser: JSONLinesParser
    /// Instead of `parser`, for a sender that speaks syslog.
    private var syslog: SyslogStreamParser?
    private let agent: String?
    private let tenant: Tenant
    /// The number before the first record of the stream.
    private let base: UInt64
    private var lastTaken: UInt64
    private var reportedRejections = 0

    /// A sender without a numbering. `parser`: one that has served another sender with the same options.
    public init(options: ParseOptions, parser: JSONLinesParser? = nil) {
        self.parser = parser ?? JSONLinesParser(options: options)
        agent = nil
        tenant = options.tenant
        base = 0
        lastTaken = 0
    }

    /// A sender without a hello, whose first bytes tell what it speaks; they are to be fed still.
    public init(options: ParseOptions, beginning: [UInt8]) {
        self.init(options: options)
        if SyslogStreamParser.begins(beginning) { syslog = SyslogStreamParser(options: options, beginning: beginning) }
    }

    /// An agent whose records up to `last` are durable; those of them that come again are dropped.
    public init(hello: Hello, last: UInt64) {
        self.init(agent: hello.agent, first: hello.first ?? last + 1, options: hello.options, last: last)
    }

    /// The same without a hello line. `first`: the number of the stream's first record, from 1.
    public init(agent: String, first: UInt64, options: ParseOptions, last: UInt64) {
        precondition(first > 0)
        parser = JSONLinesParser(options: options)
        self.agent = agent
        tenant = options.tenant
        base = first - 1
        lastTaken = last
        if last > base { parser.skip(records: Int(clamping: last - base)) }
    }

    /// Parses more bytes, in pieces of any size. `arrival` is in nanoseconds since the epoch. O(bytes).
    public mutating func feed(_ bytes: RawSpan, arrival: Int64) {
        guard syslog == nil else { return syslog!.feed(bytes, arrival: arrival) }
        StageTimes.shared.measure(.parse, if: bytes.byteCount >= Self.measuredBytes) {
            parser.feed(bytes, arrival: arrival)
        }
    }

    /// Takes a last line without a line feed as whole. An agent's unfinished line is left, since it will come again,
    /// unless the input is known to be whole.
    public mutating func finish(arrival: Int64, isWhole: Bool = false) {
        guard syslog == nil else { return syslog!.finish(arrival: arrival) }
        if agent == nil || isWhole { parser.finish(arrival: arrival) }
    }

    /// Whether so much waits that no more should be fed.
    public var isFull: Bool {
        if let syslog { return syslog.hasFullBatch || syslog.waitingBytes >= Limits.connectionBytes }
        return parser.hasFullBatch || parser.waitingBytes >= Limits.connectionBytes
    }

    /// Bytes that the parser holds, about, but for an unfinished record.
    public var memoryBytes: Int { syslog?.memoryBytes ?? parser.memoryBytes }

    /// Frees what the parser keeps ready for more rows, if none waits.
    public mutating func releaseRoom() {
        guard syslog?.isEmpty ?? parser.isEmpty else { return }
        if syslog == nil { parser.releaseRoom() } else { syslog!.releaseRoom() }
    }

    private var counts: ParseCounts { syslog?.counts ?? parser.counts }

    private mutating func takeBatch() -> RecordBatch? { syslog == nil ? parser.takeBatch() : syslog!.takeBatch() }

    private mutating func takeRejections() -> [Rejection] {
        syslog == nil ? parser.takeRejections() : syslog!.takeRejections()
    }

    /// Whether the numbers of refused records are listed. O(1).
    public var listsRejected: Bool {
        get { parser.listsRejected }
        set { parser.listsRejected = newValue }
    }
    /// See `JSONLinesParser.rejectedRecords`.
    public var rejectedRecords: [(record: Int, reason: String)] { parser.rejectedRecords }

    /// The parser for the next sender, once everything was taken.
    public consuming func releaseParser() -> JSONLinesParser { parser }

    /// The next portion, or nil if there is nothing new. An agent's refused records make a portion even without rows,
    /// so that their numbers are acknowledged and become durable.
    public mutating func take() -> Portion? {
        let batch = takeBatch()
        let number = base + UInt64(parser.recordsTaken)
        let rejected = counts.rejected - reportedRejections
        guard batch != nil || rejected > 0 || (agent != nil && number > lastTaken) else { return nil }
        reportedRejections += rejected
        var portion = Portion(batch: batch ?? RecordBatch(tenant: tenant))
        portion.rejected = rejected
        portion.rejections = rejected > 0 ? takeRejections() : []
        if let agent, number > lastTaken {
            lastTaken = number
            portion.mark = SourceMark(agent: agent, lastSequence: number)
        }
        summary = AcceptedSummary(counts)
        return portion
    }

    /// The number that a record of this stream, counted from 1, has in the agent's numbering.
    public func number(ofRecord record: Int) -> UInt64 { base + UInt64(record) }
}

/// What became of a sender's records.
public struct AcceptedSummary: Sendable, Equatable {
    public var accepted = 0
    public var rejected = 0
    /// Stored before, and dropped now.
    public var repeated = 0
    /// Bytes that were no UTF-8 and became U+FFFD.
    public var replacedBytes = 0
    /// Records that got the arrival time because their time field held no time.
    public var mistimed = 0

    public init() {}

    public init(_ counts: ParseCounts) {
        accepted = counts.accepted
        rejected = counts.rejected
        repeated = counts.skipped
        replacedBytes = counts.replacedBytes
        mistimed = counts.mistimed
    }
}
