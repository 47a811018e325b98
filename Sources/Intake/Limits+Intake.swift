import Records

extension Limits {
    /// Bytes of a hello line. A longer first line is data of a sender without acknowledgement.
    public static let helloBytes = 16 << 10
    /// Bytes of acknowledgements that the kernel holds for a connection. A peer that takes none is not read any more.
    public static let acknowledgementBytes = 64 << 10
    /// Bytes of one read from a socket: whole buffers keep the cost of a system call below that of parsing, and leave
    /// the buffer in the second-level cache.
    public static let socketReadBytes = 256 << 10
    /// Parsed bytes that wait in a connection before it stops reading its socket; as many may be on their way to the
    /// disk. The sender then waits in its own `write`.
    public static let connectionBytes = 8 << 20
    /// Parsers that wait for the next request, and bytes that they hold together.
    static let idleParsers = 8
    static let idleParsersBytes = 24 << 20
    /// Bytes that parsers hold together, if nothing else is configured.
    public static let parseBytes = 64 << 20
    /// Milliseconds after which a sender that may not be read looks again whether it may.
    public static let budgetRetryMilliseconds = 20
    /// Connections at a time. A further one gets an error line and is closed.
    public static let connections = 4_096
    /// Milliseconds between two tries to hand a batch to a sink that refused it.
    public static let sinkRetryMilliseconds = 200
    /// Bytes that an agent has sent and not seen acknowledged before it waits: what it must be able to send again.
    public static let unacknowledgedBytes = 32 << 20
    /// Bytes of one run of lines that an agent sends at a time.
    public static let shipChunkBytes = 256 << 10
    /// Files that an agent holds open because they got a followed name while an older one is still being read.
    public static let rotatedFiles = 64
    /// Seconds without an answer to a hello, or without an acknowledgement of anything sent, before an agent connects
    /// anew.
    public static let answerSeconds = 60
}
