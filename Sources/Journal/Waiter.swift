import Records

/// An append on its way, and who waits for its answer.
struct Waiter: Sendable {
    typealias Answer = Result<JournalPosition, SinkError>

    /// As it came, and as it is stored beside the tenant.
    let sent: SourceMark?
    /// With the agent's name made unique among tenants, as the numberings are kept.
    let mark: SourceMark?
    let bytes: Int
    let completion: @Sendable (Answer) -> Void

    init(sent: SourceMark?, tenant: Tenant, bytes: Int, completion: @escaping @Sendable (Answer) -> Void) {
        self.sent = sent
        mark = sent?.numbered(in: tenant)
        self.bytes = bytes
        self.completion = completion
    }
}

/// A batch that waits to be encoded.
struct PendingAppend: Sendable {
    var batch: RecordBatch
    var waiter: Waiter
}
