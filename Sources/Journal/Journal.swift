import Bytes
import Machine
import Records

/// The durable front of the store: appends from many callers become commit groups, one write and one fdatasync each.
///
/// Two threads work hand in hand: one encodes the next group while the other waits for the disk. Nobody is answered
/// before the group is durable and the store has made it visible.
public final class Journal: Sendable {
    /// Encodes the rows of a batch as one block.
    public typealias Encode = @Sendable (RecordBatch) -> [UInt8]
    /// Makes a durable group visible; true asks for the next group to begin a new file. Called from the commit thread,
    /// in order; may wait, which pushes back on everyone who appends.
    public typealias Commit = @Sendable (CommittedGroup) -> Bool

    let system: any FileSystem
    let directory: String
    let options: JournalOptions
    let encode: Encode
    let commit: Commit
    let monitor: Monitor<JournalState>
    private let threads: Monitor<[MachineThread]>

    /// Continues behind `replay` in a new file. `marks`: the durable sequence number of each agent, the replayed ones
    /// included, under the names that `Tenant.numbering` gives.
    public init(
        _ system: any FileSystem, directory: String, options: JournalOptions, replay: JournalReplay,
        nextAfter floor: JournalPosition = .beginning, marks: [String: UInt64], encode: @escaping Encode,
        commit: @escaping Commit
    ) throws(FileError) {
        self.system = system
        self.directory = directory
        self.options = options
        self.encode = encode
        self.commit = commit
        let last = max(replay.lastGroup, floor)
        monitor = Monitor(JournalState(marks: MarkTable(marks), lastGroup: last, ranges: replay.ranges), conditions: 3)
        threads = Monitor([])
        try system.createDirectory(directory)
        try system.syncDirectory(parentDirectory(of: directory))
        let writer = JournalWriter(
            system, directory: directory, fileBytes: options.fileBytes, lastGroup: last.group,
            lastNumber: replay.lastNumber, ranges: replay.ranges)
        threads.update { threads in
            threads.append(MachineThread(name: "journal-encode") { [self] in encodeUntilClosed() })
            threads.append(MachineThread(name: "journal-commit") { [self] in commitUntilClosed(writer) })
        }
    }

    /// Stores a batch, or a mark alone if the batch is empty. Returns once the group is durable and visible.
    ///
    /// Batches of one agent must be handed over in the order of their marks. After an error its later ones are refused
    /// until the same batch comes again or `lastSequence` was asked.
    @discardableResult
    public func append(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> JournalPosition {
        let answer = await withCheckedContinuation { continuation in
            submit(batch, mark: mark) { continuation.resume(returning: $0) }
        }
        return try answer.get()
    }

    /// The same without a task: takes the batch before it returns, and calls `completion` once, from this thread or the
    /// commit thread; it must not block.
    public func submit(
        _ batch: RecordBatch, mark: SourceMark?,
        completion: @escaping @Sendable (Result<JournalPosition, SinkError>) -> Void
    ) {
        let waiter = Waiter(sent: mark, tenant: batch.tenant, bytes: batch.memoryBytes, completion: completion)
        let (early, encodes) = monitor.withLock { state in
            (state.admit(batch, waiter, queueBytes: options.queueBytes), state.encodingPays)
        }
        monitor.wake(encodes ? JournalState.encoder : JournalState.committer)
        if let early { completion(early) }
    }

    /// The highest durable sequence number of a tenant's agent, once nothing of the agent's is on its way any more.
    public func lastSequence(of agent: String, tenant: Tenant = .main) async -> UInt64 {
        let agent = tenant.numbering(of: agent)
        return await withCheckedContinuation { continuation in
            let now: UInt64? = monitor.withLock { state in
                state.marks.asked(agent)
                if !state.marks.isInFlight(agent) { return state.marks.durable(agent) }
                state.askers.append((agent, continuation))
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// The next group goes to a new file. Returns when the commit thread has taken note: every group so far is then in
    /// a file that gets no more.
    public func beginNewFile() {
        monitor.update { $0.wantsNewFile = true }
        _ = monitor.wait(on: JournalState.others) { state in state.wantsNewFile && !state.isFinished ? nil : true }
    }

    /// Removes the files whose groups are all stored elsewhere. O(files removed).
    public func removeFiles(through position: JournalPosition) throws(FileError) {
        let gone = monitor.withLock { state in
            let gone = state.ranges.dropLast(state.hasOpenFile ? 1 : 0).prefix { $0.lastGroup <= position.group }
            return Array(gone)
        }
        guard !gone.isEmpty else { return }
        for range in gone where system.exists(range.path) { try system.remove(range.path) }
        try system.syncDirectory(directory)
        let numbers = Set(gone.map(\.number))
        monitor.withLock { state in
            state.ranges.removeAll { numbers.contains($0.number) }
            state.removed.formUnion(numbers)
        }
    }

    public var status: JournalStatus {
        monitor.withLock { state in
            JournalStatus(
                failure: state.failure, lastGroup: state.lastGroup.group, fileCount: state.ranges.count,
                fileBytes: state.ranges.reduce(0) { $0 + $1.bytes }, waitingBatches: state.unanswered,
                waitingBytes: state.unansweredBytes, groups: state.counters.groups, rows: state.counters.rows,
                writtenBytes: state.counters.writtenBytes, diskErrors: state.counters.diskErrors,
                syncNanoseconds: state.counters.syncNanoseconds,
                longestSyncNanoseconds: state.counters.longestSyncNanoseconds)
        }
    }

    /// Why an append would not be acknowledged now: what failed last, or that the disk has no room, which is asked for
    /// here. Nil when all is well.
    public func obstacle() -> String? {
        if let failure = status.failure { return failure }
        do throws(FileError) {
            let free = try system.freeBytes(at: directory)
            return free >= options.reserveBytes ? nil : FileError(.noSpace, "write", directory).description
        } catch {
            return error.description
        }
    }

    /// Admits nothing more, stores and answers what is on its way, and ends the threads. A second call returns at once.
    public func close() {
        monitor.update { $0.isClosed = true }
        let running = threads.update { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
    }
}
