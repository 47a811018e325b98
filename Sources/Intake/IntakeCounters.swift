import Synchronization

/// What the TCP intake has done since the start, for `/metrics`. Read at any time.
public final class IntakeCounters: Sendable {
    private let bytes = Atomic<Int>(0)
    private let accepted = Atomic<Int>(0)
    private let rejected = Atomic<Int>(0)
    private let repeated = Atomic<Int>(0)
    private let replaced = Atomic<Int>(0)
    private let mistimed = Atomic<Int>(0)
    private let open = Atomic<Int>(0)
    private let opened = Atomic<Int>(0)
    private let refusedConnections = Atomic<Int>(0)
    private let stalls = Atomic<Int>(0)
    private let sinkErrors = Atomic<Int>(0)

    public init() {}

    public var bytesRead: Int { bytes.load(ordering: .relaxed) }
    public var acceptedRecords: Int { accepted.load(ordering: .relaxed) }
    public var rejectedRecords: Int { rejected.load(ordering: .relaxed) }
    /// Records that came again after they were durable, and were dropped.
    public var repeatedRecords: Int { repeated.load(ordering: .relaxed) }
    public var replacedBytes: Int { replaced.load(ordering: .relaxed) }
    public var mistimedRecords: Int { mistimed.load(ordering: .relaxed) }
    public var openConnections: Int { open.load(ordering: .relaxed) }
    public var openedConnections: Int { opened.load(ordering: .relaxed) }
    public var connectionsOverLimit: Int { refusedConnections.load(ordering: .relaxed) }
    /// How often a socket was left unread because the store was slower.
    public var stalledReads: Int { stalls.load(ordering: .relaxed) }
    /// How often the sink took a batch only at a later try, or not at all.
    public var sinkRefusals: Int { sinkErrors.load(ordering: .relaxed) }

    func read(_ count: Int) { bytes.add(count, ordering: .relaxed) }
    func stalled() { stalls.add(1, ordering: .relaxed) }
    func sinkRefused() { sinkErrors.add(1, ordering: .relaxed) }
    func connectionRefused() { refusedConnections.add(1, ordering: .relaxed) }

    func connectionOpened() {
        open.add(1, ordering: .relaxed)
        opened.add(1, ordering: .relaxed)
    }

    func connectionClosed() { open.subtract(1, ordering: .relaxed) }

    /// Adds what came between two summaries of one sender. `expired`: of the accepted ones, those that the sink left
    /// out.
    func add(_ summary: AcceptedSummary, since before: AcceptedSummary, expired: Int) {
        accepted.add(summary.accepted - before.accepted - expired, ordering: .relaxed)
        rejected.add(summary.rejected - before.rejected + expired, ordering: .relaxed)
        repeated.add(summary.repeated - before.repeated, ordering: .relaxed)
        replaced.add(summary.replacedBytes - before.replacedBytes, ordering: .relaxed)
        mistimed.add(summary.mistimed - before.mistimed, ordering: .relaxed)
    }
}
