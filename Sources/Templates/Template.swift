import Bytes
import Records

/// A kind of message: its text with `<*>` where messages differ, and what was seen of it.
public struct Template: Hashable, Sendable {
    /// Stable as long as the template is not merged into one with a smaller number; see `TemplateMiner.resolve`.
    public var number: Int
    /// The first message's text with `<*>` in place of its variables.
    public var text: ByteString
    /// Messages.
    public var count: Int
    /// The least event time of its messages.
    public var firstSeen: Timestamp
    /// The greatest event time of its messages.
    public var lastSeen: Timestamp
    /// The first message, up to `TemplateMiner.sampleBytes` of it.
    public var sample: ByteString
}
