import Bytes
import Machine
import QueryLanguage
import Records

/// Runs queries over snapshots, on the calling thread and as many more as it may use.
public struct QueryExecutor: Sendable {
    public var limits: QueryLimits
    /// Threads that scan blocks at once, the caller's included.
    public var workers: Int
    /// Whether rows show the standard fields of stored records.
    public var shape: RowShape
    /// Whose records they are: part of `_stream_id`.
    public var tenant: Tenant
    /// `start` and `end` of a request, in nanoseconds: applied to the query and to its subqueries, except those that
    /// say `options(ignore_global_time_filter=true)`.
    public var timeRange: ClosedRange<Int64>?
    /// The memory that this executor's queries share with others; nil for no limit over all of them.
    public var sharedMemory: SharedMemory?
    /// Threads that help with a query; nil for new ones for each query.
    public var pool: WorkerPool?
    /// Decoded columns that queries leave for one another.
    public var cache = ColumnCache(limitBytes: 0)

    /// A query that held this much gives the allocator's free memory back to the system when it ends.
    private static let trimmedBytes = 64 << 20
    /// Called once the query is known to be one that runs: its expressions compile, and its subqueries are answered.
    public var onPlanned: (@Sendable () -> Void)?

    public init(
        limits: QueryLimits = QueryLimits(), workers: Int, shape: RowShape = .records, tenant: Tenant = .main,
        timeRange: ClosedRange<Int64>? = nil
    ) {
        self.limits = limits
        self.workers = max(1, workers)
        self.shape = shape
        self.tenant = tenant
        self.timeRange = timeRange
    }

    /// Runs a query to its end. Rows come in portions, in the order that the query defines; without one, in the order
    /// of the blocks and their rows.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since the epoch, for relative times.
    ///   - cancelled: asked before every block and within long loops, from any thread.
    ///   - emit: gets the rows, one call at a time, from any thread. What it throws ends the query.
    /// - Throws: `SearchError`, what `emit` throws, or what reading a block throws (`CorruptionError`).
    @discardableResult
    public func run(
        _ query: Query, over snapshot: any BlockSnapshot, now: Int64,
        cancelled: @escaping @Sendable () -> Bool = { false },
        emit: (ResultRows) throws -> Void
    ) throws -> QueryOutcome {
        let outcome = OutcomeCounter()
        let budget = QueryBudget(self, isCancelled: cancelled)
        defer { if budget.peakBytes > Self.trimmedBytes { FreeMemory.giveBack() } }
        let context = QueryContext(
            executor: self, snapshot: snapshot, now: now, budget: budget, outcome: outcome, depth: 0)
        var left = limits.resultRows
        var returned = 0
        do {
            try run(query, context) { rows in
                if rows.rowCount > left {
                    outcome.note(partial: "more than \(limits.resultRows) rows: the rest was left out")
                    if left > 0 { try budget.whileClientReads { try emit(rows.prefix(left)) } }
                    returned += left
                    throw AnswerFull()
                }
                left -= rows.rowCount
                returned += rows.rowCount
                try budget.whileClientReads { try emit(rows) }
            }
        } catch is AnswerFull {}
        outcome.update { $0.rowsReturned = returned }
        return outcome.value
    }

    func run(_ query: Query, _ context: QueryContext, emit: (ResultRows) throws -> Void) throws {
        let plan = try PlanBuilder(context: context, query: query).plan()
        if context.depth == 0 { onPlanned?() }
        let threads = query.options.concurrency.map { min(workers, max(1, Int(clamping: $0))) } ?? workers
        try withoutActuallyEscaping(emit) { emit in
            try BlockScan(plan: plan, context: context, threads: threads).run(emit)
        }
    }
}

/// Ends a query whose answer has as many rows as it may.
private struct AnswerFull: Error {}

extension ResultRows {
    func prefix(_ count: Int) -> ResultRows {
        let rows = (0..<Int32(min(count, rowCount))).map { $0 }
        let columns = columns.map { column -> StringColumn in
            guard case .strings(let texts) = Column.strings(column).gather(rows) else { return StringColumn() }
            return texts
        }
        return ResultRows(names: names, columns: columns, rowCount: rows.count)
    }
}
