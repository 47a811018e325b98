import Synchronization

/// What the HTTP side has done since the start, for `/metrics`.
public final class WebCounters: Sendable {
    public let acceptedRecords = Atomic<Int>(0)
    public let rejectedRecords = Atomic<Int>(0)
    public let repairedBytes = Atomic<Int>(0)
    public let refusedInserts = Atomic<Int>(0)
    public let queries = Atomic<Int>(0)
    public let failedQueries = Atomic<Int>(0)
    public let partialQueries = Atomic<Int>(0)
    public let cancelledQueries = Atomic<Int>(0)

    public init() {}
}
