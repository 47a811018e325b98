import Bytes
import Journal
import Machine
import Records
import Segments
import Synchronization

/// The storage engine on one data folder: rows are durable and visible when `append` returns, sealed into segments in
/// the background, merged, expired, and read through snapshots.
///
/// Order of events that recovery rests on: a group is synced to the journal, then visible; a segment is synced, and its
/// name, before the catalog lists it; the catalog is swapped before journal files or merged segments are removed.
public final class Store: RecordSink {
    public let path: String
    let folder: DataFolder
    let system: any FileSystem
    let clock: any WallClock & MonotonicClock
    let options: StoreOptions
    let blobs: any BlobStore
    let keeper: CatalogKeeper
    let visible: VisibleState
    let journal: Journal
    /// Held while sealing, and while merging: one of each at a time.
    let sealing = Mutex<Void>(())
    let merging = Mutex<Void>(())
    /// Held while a backup is made: two of one name must not share a folder.
    let backing = Mutex<Void>(())
    let damage: DamageLog
    /// Ages of some rows only, and the rows that each is of.
    let expiries: [(selection: RowSelection, nanoseconds: Int64)]
    private let lock: any FileLock
    private let threads = Monitor<[MachineThread]>([])
    /// What the start found and repaired, in sentences for the log.
    public let startNotes: [String]

    /// Opens a data folder, creating it if it is missing. Throws `StoreError.inUse` if another process has it open,
    /// `StoreError.badOption` for an option out of its range, and `CorruptionError` if the catalog is damaged.
    /// O(segments + bytes in the journal).
    ///
    /// `observers` follow every group from the end of their saved state on. `shared`: where segments and catalog are,
    /// if not in the folder.
    public init(
        _ path: String, system: any FileSystem = RealFileSystem(),
        clock: any WallClock & MonotonicClock = SystemClock(), options: StoreOptions = StoreOptions(),
        observers: [any BatchObserver] = [], shared: SharedStorage? = nil
    ) throws {
        try options.check()
        self.path = path
        self.system = system
        self.clock = clock
        folder = DataFolder(path: path)
        self.options = options
        damage = DamageLog(log: options.log)
        if !system.exists(path) {
            try system.createDirectory(path)
            try system.syncDirectory(parentDirectory(of: path))
        }
        lock = try folder.takeLock(system)
        let storage = try shared ?? folder.storage(system)
        let blobs = storage.blobs
        self.blobs = blobs
        let opening = try StoreOpening(
            system, folder, storage, observed: observers.map(\.checkpointedPosition).min())
        startNotes = opening.notes
        keeper = CatalogKeeper(opening.contents.catalog, catalog: storage.catalog, blobs: blobs)
        expiries = try options.compiledRetention()
        let feed = ObserverFeed(
            observers, replay: opening.observerItems(observers), damage: damage, queueBytes: options.observerQueueBytes)
        var state = opening.contents.state(damage: damage) { [damage] in
            SegmentHandle($0, blobs: blobs, damage: damage)
        }
        state.deletions = try opening.contents.catalog.hidingRules(options.selectors)
        visible = VisibleState(state, feed: feed, clock: clock, sealBytes: options.sealBytes)
        var journalOptions = options.journal
        journalOptions.log = options.log
        journal = try Journal(
            system, directory: folder.journal, options: journalOptions, replay: opening.contents.replay,
            marks: opening.contents.marks,
            encode: { BlockEncoder(effort: .commit).encode($0).bytes },
            commit: { [visible] in visible.show($0) })
        feed.start { [weak self] in self?.trimJournal() }
        if options.worksInBackground { startThreads() }
    }

    private func startThreads() {
        threads.update { threads in
            threads.append(MachineThread(name: "seal") { [self] in sealUntilClosed() })
            threads.append(MachineThread(name: "merge", niceness: 10) { [self] in mergeUntilClosed() })
        }
    }

    /// Stores a batch; see `RecordSink`. Rows older than retention are left out and counted.
    @discardableResult
    public func append(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> JournalPosition {
        try await appendCounting(batch, mark: mark).position
    }

    public func appendCounting(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> Appended {
        let answer = await withCheckedContinuation { continuation in
            submit(batch, mark: mark) { continuation.resume(returning: $0) }
        }
        return try answer.get()
    }

    public func submit(
        _ batch: RecordBatch, mark: SourceMark?, completion: @escaping @Sendable (Result<Appended, SinkError>) -> Void
    ) {
        let isFull = visible.monitor.withLock { $0.memoryBytes >= options.memoryBytes }
        if isFull { return completion(.failure(.busy(retryAfterSeconds: 1))) }
        let kept = withinRetention(batch)
        journal.submit(kept.batch, mark: mark) { [self] answer in
            // Not before: a batch that is refused comes again.
            if case .success = answer { count(late: kept.late, ahead: kept.ahead) }
            completion(answer.map { Appended(position: $0, expiredRows: kept.late) })
        }
    }

    public func lastSequence(of agent: String) async -> UInt64 { await lastSequence(of: agent, tenant: .main) }

    public func lastSequence(of agent: String, tenant: Tenant) async -> UInt64 {
        await journal.lastSequence(of: agent, tenant: tenant)
    }

    /// What queries of a tenant see from now on: everything that was answered before this call. O(1).
    public func snapshot(_ tenant: Tenant = .main) -> StoreSnapshot {
        let (view, deletions, damagedBlocks) = visible.monitor.withLock {
            ($0.views[tenant] ?? TenantView(), $0.deletions, $0.damagedBlocks)
        }
        let rules = deletions.filter { $0.concerns(tenant) } + expiryRules
        return StoreSnapshot(view: view, rules: rules, damage: damage, damagedBlocks: damagedBlocks)
    }

    /// Follows the batches that become visible from now on, until the reader stops or the store closes. At most
    /// `bufferedBatches` wait for the reader.
    public func tail(bufferedBatches: Int = 64) -> AsyncStream<TailEvent> {
        visible.tail.follow(bufferedBatches: bufferedBatches)
    }

    /// The tenants that have rows.
    public var tenants: [Tenant] { visible.monitor.withLock { $0.views.keys.sorted() } }

    /// Why the last append was refused, until the disk is well again.
    public var failure: String? { journal.status.failure }

    /// Why the next append would be refused, as far as the disk tells: the same, or that there is no room. Nil when all
    /// is well. Asks the disk.
    public var obstacle: String? { journal.obstacle() }

    /// Answers what is on its way, seals the memory table, saves the observers' state, and gives the folder free. A
    /// second call returns at once. Blocks: not for the pool of async tasks.
    public func close() {
        let isFirst = visible.monitor.update { state -> Bool in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        guard isFirst else { return }
        journal.close()
        let running = threads.update { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
        // Unsealed rows stay in the journal if this fails; the next start reads them there.
        try? sealAll()
        visible.feed.close()
        visible.tail.close()
        trimJournal()
        lock.release()
    }
}
