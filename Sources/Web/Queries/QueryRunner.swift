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

    /// Rows as NDJSON, sent while they are found. A client that goes away ends the query; a failure on the way ends the
    /// answer with an `error` line, since its status is long gone.
    func stream(_ request: QueryRequest) throws -> Response {
        let backend = self.backend
        let pipe = ResponsePipe(backend.threads)
        let isTaken = backend.threads.start {
            do {
                var chunk: [UInt8] = []
                let cancelled: @Sendable () -> Bool = { pipe.isAbandoned || backend.threads.isClosed }
                let outcome = try Self.run(request, backend, cancelled: cancelled) { rows in
                    // Portions may be large: what waits for the client must not be.
                    for row in 0..<rows.rowCount {
                        rows.appendNDJSON(row: row, to: &chunk)
                        guard chunk.count >= Self.chunkBytes else { continue }
                        guard pipe.write(chunk) else { throw SearchError.cancelled }
                        chunk.removeAll(keepingCapacity: true)
                    }
                }
                for reason in outcome.partial { chunk += Self.line("partial", reason) }
                _ = pipe.write(chunk)
            } catch {
                _ = pipe.write(Self.line("error", "\(error)"))
            }
            pipe.finish()
        }
        guard isTaken else {
            throw AnswerError(.tooManyRequests, "too many queries at once", retryAfterSeconds: 1)
        }
        return .streaming(pipe, type: "application/stream+json")
    }

    /// All rows of a small answer, and why it may not be whole. A task that is cancelled ends its query.
    func collect(_ request: QueryRequest) async throws -> (rows: [ResultRows], partial: [String]) {
        let backend = self.backend
        do {
            let isCancelled = Cancellation()
            return try await withTaskCancellationHandler {
                try await backend.threads.run {
                    var all: [ResultRows] = []
                    let cancelled: @Sendable () -> Bool = { isCancelled.isSet || backend.threads.isClosed }
                    let outcome = try Self.run(request, backend, limit: Self.collectedRows, cancelled: cancelled) {
                        all.append($0)
                    }
                    return (all, outcome.partial)
                }
            } onCancel: {
                isCancelled.set()
            }
        } catch let error as SearchError {
            throw AnswerError(error.isTheQuerysFault ? .badRequest : .serviceUnavailable, "\(error)")
        }
    }

    private static func run(
        _ request: QueryRequest, _ backend: Backend, limit: Int? = nil, cancelled: @escaping @Sendable () -> Bool,
        emit: (ResultRows) throws -> Void
    ) throws -> QueryOutcome {
        backend.counters.queries.add(1, ordering: .relaxed)
        var executor = backend.executor
        executor.tenant = request.tenant
        executor.timeRange = request.timeRange
        if let limit { executor.limits.resultRows = min(limit, executor.limits.resultRows) }
        let snapshot = backend.store.snapshot(request.tenant)
        do {
            var outcome = try executor.run(
                request.query, over: snapshot, now: request.now, cancelled: cancelled, emit: emit)
            if snapshot.damagedSegments > 0 {
                outcome.partial.append("\(snapshot.damagedSegments) damaged segments were left out")
            }
            if !outcome.partial.isEmpty { backend.counters.partialQueries.add(1, ordering: .relaxed) }
            return outcome
        } catch {
            if let corruption = error as? CorruptionError { backend.store.quarantine(corruption) }
            backend.counters.failedQueries.add(1, ordering: .relaxed)
            throw error
        }
    }

    private static func line(_ key: String, _ text: String) -> [UInt8] {
        var json = JSONText()
        json.object { $0.field(key, text) }
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
