import Bytes
import Hummingbird
import Machine
import QueryLanguage
import Records
import Search
import ServiceLifecycle

/// `/select/logsql/tail`: first the matching records of the last seconds, then those that arrive, whatever their own
/// time, until the client goes away.
struct TailRunner {
    let backend: Backend

    private static let usualStartNanoseconds: Int64 = 5_000_000_000
    private static let usualDelayNanoseconds: Int64 = 1_000_000_000
    private static let usualIntervalNanoseconds: Int64 = 1_000_000_000
    private static let intervals: ClosedRange<Int64> = 50_000_000...3_600_000_000_000
    /// - Parameter parameters: `start_offset` (how far back to begin), `offset` (how long to wait with new records) and
    ///   `refresh_interval`, each a duration.
    func stream(
        _ request: QueryRequest, _ parameters: Parameters, to client: ClientWatch
    ) async throws -> Response {
        if let pipe = request.query.firstPipeThatWaits {
            throw AnswerError(.badRequest, "\(pipe) needs all rows before it can answer, and a tail has no last one")
        }
        let start = max(0, try parameters.duration("start_offset") ?? Self.usualStartNanoseconds)
        let delay = max(0, try parameters.duration("offset") ?? Self.usualDelayNanoseconds)
        let wanted = try parameters.duration("refresh_interval") ?? Self.usualIntervalNanoseconds
        let interval = min(max(wanted, Self.intervals.lowerBound), Self.intervals.upperBound)
        let backend = self.backend
        let follower = backend.tails.follow(request.tenant)
        var first = request
        let now = backend.clock.now()
        first.now = now
        first.timeRange = (now - start)...now
        let history: [[UInt8]]
        do {
            history = lines(try await QueryRunner(backend: backend).collect(first).rows)
        } catch {
            backend.tails.leave(follower)
            throw error
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/x-ndjson", .accessControlAllowOrigin: "*", .cacheControl: "no-cache"],
            body: ResponseBody { writer in
                defer { backend.tails.leave(follower) }
                let isGone = Cancellation()
                try await client.untilGone({ isGone.set() }) {
                    var news = TailNews(runner: self, request: request, follower: follower, history: history)
                    news.delayNanoseconds = delay
                    // The headers must not wait for the first row.
                    try await writer.write(
                        ByteBuffer(bytes: history.isEmpty ? [UInt8(ascii: "\n")] : history.flatMap { $0 }))
                    while !isGone.isSet && !Task.isCancelled && !Task.isShuttingDownGracefully {
                        try await Task.sleep(nanoseconds: UInt64(interval))
                        let bytes = try await news.next()
                        if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// The rows of batches that the query selects.
    fileprivate func matching(_ request: QueryRequest, _ arrivals: [TailHub.Arrival]) async throws -> [ResultRows] {
        guard !arrivals.isEmpty else { return [] }
        var executor = backend.executor
        executor.tenant = request.tenant
        let bounded = executor
        let now = backend.clock.now()
        return try await backend.threads.run {
            var rows: [ResultRows] = []
            try bounded.run(request.query, over: MemorySnapshot(arrivals.map(\.batch)), now: now) { rows.append($0) }
            return rows
        }
    }

    fileprivate func lines(_ rows: [ResultRows]) -> [[UInt8]] {
        rows.flatMap { portion in
            (0..<portion.rowCount).filter { !portion.isEmpty($0) }.map { row in
                var line: [UInt8] = []
                portion.appendNDJSON(row: row, to: &line)
                return line
            }
        }
    }
}

/// What comes after the first answer of a tail.
private struct TailNews {
    /// After so long without a row an empty line keeps proxies from closing the connection.
    private static let silenceNanoseconds: Int64 = 10_000_000_000
    /// So long after the first answer a batch may still hold rows that were in it: commits are seen by queries first
    /// and handed on behind.
    private static let overlapNanoseconds: Int64 = 10_000_000_000

    let runner: TailRunner
    let request: QueryRequest
    let follower: Int
    /// How long new records wait.
    var delayNanoseconds: Int64 = 0
    private var seen: [[UInt8]: Int] = [:]
    private let began: Int64
    private var silentSince: Int64

    init(runner: TailRunner, request: QueryRequest, follower: Int, history: [[UInt8]]) {
        self.runner = runner
        self.request = request
        self.follower = follower
        for line in history { seen[line, default: 0] += 1 }
        began = runner.backend.clock.uptime()
        silentSince = began
    }

    /// The lines that arrived since, an empty line after a long silence, or nothing.
    mutating func next() async throws -> [UInt8] {
        let uptime = runner.backend.clock.uptime()
        let (arrivals, dropped) = runner.backend.tails.take(follower, until: uptime - delayNanoseconds)
        var bytes = dropped == 0 ? [] : QueryRunner.line("partial", "\(dropped) rows came too fast")
        for line in runner.lines(try await runner.matching(request, arrivals)) {
            if uptime - began < Self.overlapNanoseconds + delayNanoseconds, let count = seen[line], count > 0 {
                seen[line] = count - 1
            } else {
                bytes += line
            }
        }
        if bytes.isEmpty, uptime - silentSince >= Self.silenceNanoseconds { bytes = [UInt8(ascii: "\n")] }
        if !bytes.isEmpty { silentSince = uptime }
        return bytes
    }
}
