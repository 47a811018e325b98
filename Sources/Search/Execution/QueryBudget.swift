import Machine
import Synchronization

/// Bytes that all queries of a server may hold together, so that many modest ones cannot do what one may not.
public final class SharedMemory: Sendable {
    private let used = Atomic<Int>(0)
    public let limitBytes: Int

    public init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// What running queries hold now.
    public var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Adds (or gives back) bytes; false past the limit.
    fileprivate func add(_ bytes: Int) -> Bool { used.add(bytes, ordering: .relaxed).newValue <= limitBytes }
}

/// What one query, over all of its threads and subqueries, may still use: memory, time, threads, and its client's
/// patience.
final class QueryBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let most = Atomic<Int>(0)
    private let limitBytes: Int
    private let shared: SharedMemory?
    private let timeLimitNanoseconds: Int64
    /// Uptime at which the time is up; moved back while the client reads.
    private let deadline: Atomic<Int64>
    private let clock: any MonotonicClock
    private let isCancelled: @Sendable () -> Bool
    private let workers: Int
    private let pool: WorkerPool?

    init(
        _ executor: QueryExecutor, clock: any MonotonicClock = SystemClock(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        let limits = executor.limits
        limitBytes = limits.memoryBytes
        shared = executor.sharedMemory
        workers = executor.workers
        pool = executor.pool
        self.clock = clock
        self.isCancelled = isCancelled
        timeLimitNanoseconds = limits.timeNanoseconds
        let (end, isEndless) = clock.uptime().addingReportingOverflow(limits.timeNanoseconds)
        deadline = Atomic(isEndless ? .max : end)
    }

    deinit {
        let left = used.load(ordering: .relaxed)
        if left != 0 { _ = shared?.add(-left) }
    }

    /// The most bytes that were held at once.
    var peakBytes: Int { most.load(ordering: .relaxed) }

    /// Adds (or gives back) bytes; throws past the limit.
    func charge(_ bytes: Int) throws(SearchError) {
        let now = used.add(bytes, ordering: .relaxed).newValue
        if bytes > 0 { most.max(now, ordering: .relaxed) }
        let fits = shared?.add(bytes) ?? true
        guard bytes > 0 else { return }
        if now > limitBytes { throw .memory(limitBytes: limitBytes) }
        if !fits, let shared { throw .sharedMemory(limitBytes: shared.limitBytes) }
    }

    /// Throws if the client has gone away or the time is up. Costs about 50 ns: ask every few thousand rows.
    func check() throws(SearchError) {
        if isCancelled() { throw .cancelled }
        let end = deadline.load(ordering: .relaxed)
        if end != .max, clock.uptime() > end { throw .time(limitNanoseconds: timeLimitNanoseconds) }
    }

    /// Calls `body` with each of 0…parts-1, on as many threads as the query may use. The calls share only what is
    /// atomic, locked, or their own by their number.
    func share(_ parts: Int, _ body: (Int) -> Void) {
        let next = Atomic<Int>(0)
        Threads.run(min(workers, parts), on: pool) { _ in
            while true {
                let part = next.add(1, ordering: .relaxed).oldValue
                guard part < parts else { return }
                body(part)
            }
        }
    }

    /// Runs what waits for the client: that time is not the query's.
    func whileClientReads<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = clock.uptime()
        defer {
            let waited = clock.uptime() - start
            // Nobody else moves the deadline: deliveries come one at a time.
            let end = deadline.load(ordering: .relaxed)
            if end != .max { deadline.store(end.addingReportingOverflow(waited).partialValue, ordering: .relaxed) }
        }
        return try body()
    }
}

/// What one accumulator has charged: told the size now and then, it charges the difference.
struct MemoryMeter {
    private let budget: QueryBudget
    private var charged = 0

    init(_ budget: QueryBudget) { self.budget = budget }

    mutating func set(_ bytes: Int) throws(SearchError) {
        let difference = bytes - charged
        // Small changes wait, so that the counter is not shared at every chunk.
        guard abs(difference) > 65_536 else { return }
        charged = bytes
        try budget.charge(difference)
    }
}

/// Asks the budget now and then from within a long loop.
struct BudgetTicker {
    private let budget: QueryBudget
    private var steps = 0

    init(_ budget: QueryBudget) { self.budget = budget }

    @inline(__always)
    mutating func tick() throws(SearchError) {
        steps &+= 1
        if steps & 0x3FFF == 0 { try budget.check() }
    }
}
