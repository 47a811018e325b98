import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search

/// Runs queries on the query threads and brings their rows to the client.
struct QueryRunner {
    let backend: Backend

    /// Bytes gathered before a chunk is sent.
    private static let chunkBytes = 64 << 10
    /// Rows of an answer that has to be whole before it can be written, such as a histogram.
    private static let collectedRows = 1_000_000

    /// Rows as NDJSON, sent while they are found. A query that cannot run is answered as such. A client that goes away
    /// ends the query. A failure on the way, or a limit that was reached, ends the answer with a line that no row is:
    /// `{"_plumb":{"error":"…"}}`, `{"_plumb":{"partial":"…"}}`; every field of a row is a text.
    func stream(_ request: QueryRequest, to client: ClientWatch) async throws -> Response {
        let backend = self.backend
        let pipe = ResponsePipe(backend.threads)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let start = StartSignal(continuation)
            let isTaken = backend.threads.start {
                do {
                    try Self.write(request, backend, to: pipe, start)
                    start.succeed()
                } catch {
                    if !start.fail(Self.answer(error)) { _ = pipe.write(Self.line("error", "\(error)")) }
                }
                pipe.finish()
            }
            if !isTaken {
                _ = start.fail(AnswerError(.tooManyRequests, "too many queries at once", retryAfterSeconds: 1))
            }
        }
        return .streaming(pipe, type: "application/stream+json", to: client)
    }

    private static func write(
        _ request: QueryRequest, _ backend: Backend, to pipe: ResponsePipe, _ start: StartSignal
    ) throws {
        var chunk: [UInt8] = []
        let cancelled: @Sendable () -> Bool = { pipe.isAbandoned || backend.threads.isClosed }
        let outcome = try run(request, backend, planned: { start.succeed() }, cancelled: cancelled) { rows in
            // Portions may be large: what waits for the client must not be.
            for row in 0..<rows.rowCount where !rows.isEmpty(row) {
                rows.appendNDJSON(row: row, to: &chunk)
                guard chunk.count >= chunkBytes else { continue }
                guard pipe.write(chunk) else { throw SearchError.cancelled }
                chunk.removeAll(keepingCapacity: true)
            }
        }
        for reason in outcome.partial { chunk += line("partial", reason) }
        _ = pipe.write(chunk)
    }

    /// All rows of a small answer, and why it may not be whole. A task that is cancelled ends its query.
    func collect(_ request: QueryRequest) async throws -> (rows: [ResultRows], partial: [String]) {
        let backend = self.backend
        let isCancelled = Cancellation()
        return try await withTaskCancellationHandler {
            try await backend.threads.run {
                var all: [ResultRows] = []
                let cancelled: @Sendable () -> Bool = { isCancelled.isSet || backend.threads.isClosed }
                do {
                    let outcome = try Self.run(request, backend, limit: Self.collectedRows, cancelled: cancelled) {
                        all.append($0)
                    }
                    return (all, outcome.partial)
                } catch { throw Self.answer(error) }
            }
        } onCancel: {
            isCancelled.set()
        }
    }

    /// An error of a query as an answer.
    private static func answer(_ error: any Error) -> any Error {
        guard let error = error as? SearchError else { return error }
        return AnswerError(error.isTheQuerysFault ? .badRequest : .serviceUnavailable, "\(error)")
    }

    private static func run(
        _ request: QueryRequest, _ backend: Backend, limit: Int? = nil, planned: (@Sendable () -> Void)? = nil,
        cancelled: @escaping @Sendable () -> Bool, emit: (ResultRows) throws -> Void
    ) throws -> QueryOutcome {
        backend.counters.queries.add(1, ordering: .relaxed)
        var executor = backend.executor
        executor.tenant = request.tenant
        executor.timeRange = request.timeRange
        executor.onPlanned = planned
        if let timeout = request.timeout, timeout > 0 {
            executor.limits.timeNanoseconds = min(timeout, executor.limits.timeNanoseconds)
        }
        if let limit { executor.limits.resultRows = min(limit, executor.limits.resultRows) }
        do {
            let outcome = try readable(executor, request, backend, cancelled: cancelled, emit: emit)
            if !outcome.partial.isEmpty { backend.counters.partialQueries.add(1, ordering: .relaxed) }
            return outcome
        } catch {
            if case SearchError.cancelled = error {
                backend.counters.cancelledQueries.add(1, ordering: .relaxed)
            } else {
                backend.counters.failedQueries.add(1, ordering: .relaxed)
            }
            throw error
        }
    }

    /// Runs the query, and again without a block that turns out to be damaged as long as no row has been handed out.
    private static func readable(
        _ executor: QueryExecutor, _ request: QueryRequest, _ backend: Backend,
        cancelled: @escaping @Sendable () -> Bool, emit: (ResultRows) throws -> Void
    ) throws -> QueryOutcome {
        var hasEmitted = false
        for attempt in 0... {
            let snapshot = backend.store.snapshot(request.tenant)
            do {
                var outcome = try executor.run(request.query, over: snapshot, now: request.now, cancelled: cancelled) {
                    hasEmitted = true
                    try emit($0)
                }
                if let note = snapshot.damageNote { outcome.partial.append(note) }
                return outcome
            } catch let error as CorruptionError {
                backend.store.quarantine(error)
                if hasEmitted || attempt >= Limits.damagedBlocksPerQuery { throw error }
            }
        }
        throw SearchError.cancelled
    }

    static func line(_ key: String, _ text: String) -> [UInt8] {
        var json = JSONText()
        json.object { $0.object("_plumb") { $0.field(key, text) } }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension SearchError {
    /// Whether another query would have been answered.
    public var isTheQuerysFault: Bool {
        switch self {
        case .regexp, .unsupported: true
        case .memory, .sharedMemory, .subqueryRows, .time, .cancelled: false
        }
    }
}
