import Records

/// An append on its way, and who waits for its answer.
struct Waiter: Sendable {
    typealias Answer = Result<JournalPosition, SinkError>

    var mark: SourceMark?
    var bytes: Int
    var continuation: CheckedContinuation<Answer, Never>
}

/// A batch that waits to be encoded.
struct PendingAppend: Sendable {
    var batch: RecordBatch
    var waiter: Waiter
}
