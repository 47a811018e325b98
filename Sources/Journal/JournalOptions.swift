/// How a journal behaves; the defaults suit a server.
public struct JournalOptions: Sendable {
    /// Bytes after which the next group goes to a new file: what a removal frees at a time.
    public var fileBytes = 64 << 20
    /// Bytes of batches that may wait for the disk. Past it an append is answered `busy`.
    public var queueBytes = 64 << 20
    /// Bytes that stay free on the disk: below, nothing is acknowledged, so that sealing and merging still have room.
    public var reserveBytes = 64 << 20
    /// How long after a disk error the journal tries again.
    public var recoveryNanoseconds: Int64 = 1_000_000_000

    /// Told, in a sentence, that appends are refused and why, and that they are taken again. Must not wait.
    public var log: (@Sendable (String) -> Void)?

    public init() {}
}

/// How a journal is doing.
public struct JournalStatus: Sendable, Equatable {
    /// Why nothing is acknowledged at the moment; nil when all is well.
    public var failure: String?
    public var lastGroup: UInt64
    public var fileCount: Int
    public var fileBytes: Int
    /// Batches and their bytes that wait for the disk.
    public var waitingBatches: Int
    public var waitingBytes: Int
    /// Since the start.
    public var groups: Int
    public var rows: Int
    public var writtenBytes: Int
    public var diskErrors: Int
    /// Nanoseconds that writes and syncs took since the start, and the longest.
    public var syncNanoseconds: Int64
    public var longestSyncNanoseconds: Int64
}
