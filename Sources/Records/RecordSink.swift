/// Where a batch's rows stand in the journal: the number of the commit group that holds them, from 1.
public struct JournalPosition: Hashable, Comparable, Sendable {
    public var group: UInt64

    public init(group: UInt64) { self.group = group }

    public static let beginning = JournalPosition(group: 0)
    public static func < (left: JournalPosition, right: JournalPosition) -> Bool { left.group < right.group }
}

/// Who sent a batch and how far its numbering has come, so that a batch sent again is dropped and not stored twice.
public struct SourceMark: Sendable, Equatable {
    /// The agent's own lasting name; agents of different tenants may have the same.
    public var agent: String
    /// The sequence number of the batch's last record in the agent's numbering, from 1.
    public var lastSequence: UInt64

    public init(agent: String, lastSequence: UInt64) {
        self.agent = agent
        self.lastSequence = lastSequence
    }
}

/// Why a sink did not take a batch. Nothing of the batch was stored.
public enum SinkError: Error, Sendable, Equatable {
    /// The queue in front of the disk is full: send the same again after `retryAfterSeconds`.
    case busy(retryAfterSeconds: Int)
    /// The disk refuses to store; reads go on.
    case storage(String)
    /// The server is going down.
    case closed
}

/// What became of a batch that a sink took.
public struct Appended: Sendable, Equatable {
    public var position: JournalPosition
    /// Rows that are not stored, and never will be, because they are older than retention.
    public var expiredRows: Int
    /// What the sender is told of those rows.
    public static let expiredReason = "older than retention"

    public init(position: JournalPosition, expiredRows: Int = 0) {
        self.position = position
        self.expiredRows = expiredRows
    }
}

/// Takes batches and answers when they are on disk and visible.
public protocol RecordSink: Sendable {
    /// Returns once the rows are durable (fdatasync) and visible to queries. `mark`, where given, is stored in the same
    /// commit group as the rows.
    @discardableResult
    func append(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> JournalPosition

    /// The same, and tells how many rows were left out.
    func appendCounting(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> Appended

    /// The same without a task: takes the batch before it returns, in the order of the calls, and calls `completion`
    /// once, from any thread; it must not block.
    func submit(
        _ batch: RecordBatch, mark: SourceMark?, completion: @escaping @Sendable (Result<Appended, SinkError>) -> Void)

    /// The highest sequence number of an agent of tenant 0:0 that is durable; 0 for an agent never seen.
    func lastSequence(of agent: String) async -> UInt64

    /// The same for an agent of any tenant: each tenant's agents have numberings of their own.
    func lastSequence(of agent: String, tenant: Tenant) async -> UInt64
}

extension RecordSink {
    /// For sinks that leave nothing out.
    public func appendCounting(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> Appended {
        Appended(position: try await append(batch, mark: mark))
    }

    /// For sinks that take batches in tasks only: in order as long as one batch at a time is on its way.
    public func submit(
        _ batch: RecordBatch, mark: SourceMark?, completion: @escaping @Sendable (Result<Appended, SinkError>) -> Void
    ) {
        Task {
            do throws(SinkError) {
                completion(.success(try await appendCounting(batch, mark: mark)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// For sinks that know one tenant.
    public func lastSequence(of agent: String, tenant: Tenant) async -> UInt64 { await lastSequence(of: agent) }
}
