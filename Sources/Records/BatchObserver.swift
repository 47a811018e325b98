import Bytes

/// Follows every committed batch in journal order and can save what it has learned: how the watching layer is fed.
///
/// The store calls these from one thread. It removes a journal file only once `checkpoint` has answered a position at
/// or past the file's last group, and after a restart it replays the groups behind `checkpointedPosition`, so that the
/// observer sees every group exactly once as far as its saved state is concerned.
public protocol BatchObserver: Sendable {
    /// The last group that the durable state covers; `.beginning` without one.
    var checkpointedPosition: JournalPosition { get }
    func observe(_ batch: RecordBatch, at position: JournalPosition)
    /// Makes the state durable and returns the last group it covers.
    func checkpoint() throws -> JournalPosition
}

/// What one query sees: blocks that do not change while it runs.
public protocol BlockSnapshot: Sendable {
    /// The tenant's blocks that may hold rows of the time range (nanoseconds, inclusive), earliest first by their first
    /// row.
    func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock]
    /// The blocks that may hold an identifier, found through the trace index where there is one. Superset, never
    /// subset.
    func blocks(withIdentifier id: ByteString) -> [any ColumnBlock]
}

extension BlockSnapshot {
    public func blocks(withIdentifier id: ByteString) -> [any ColumnBlock] {
        blocks(in: Int64.min...Int64.max).filter { $0.mayContain(identifier: id) }
    }
}
