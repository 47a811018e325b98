import Bytes

/// One line that was not taken, and why. Its neighbours were.
public struct Rejection: Sendable, Equatable {
    /// From 1, blank lines counted, as an editor shows it.
    public var line: Int
    /// From 1, blank lines not counted, as a sender's numbering has it.
    public var record: Int
    /// What is wrong and at which byte of the line, from 1.
    public var reason: String
    /// The beginning of the line, at most `sampleBytes`.
    public var sample: ByteString

    public static let sampleBytes = 200

    public init(line: Int, record: Int, reason: String, sample: ByteString) {
        self.line = line
        self.record = record
        self.reason = reason
        self.sample = sample
    }
}

/// What a parser has read so far.
public struct ParseCounts: Sendable, Equatable {
    /// Lines, blank ones too.
    public var lines = 0
    /// Records that became rows.
    public var accepted = 0
    /// Records that were refused.
    public var rejected = 0
    /// Records passed over on request, because they are stored already.
    public var skipped = 0
    /// Bytes that were no UTF-8 and became U+FFFD.
    public var replacedBytes = 0
    /// Records with a time-like field that is no time; they got the arrival time.
    public var mistimed = 0

    public init() {}

    /// Lines that are not blank: what a sender's numbering counts.
    public var records: Int { accepted + rejected + skipped }
}
