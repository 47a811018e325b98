import Bytes
import Hummingbird
import Machine
import QueryLanguage
import Records
import Search
import ServiceLifecycle

/// `/select/logsql/tail`: matching rows as they come, until the client goes away.
///
/// Every round asks for the times since the last one, less a delay in which late senders may still catch up.
struct TailRunner {
    let backend: Backend

    private static let delayNanoseconds: Int64 = 1_000_000_000
    private static let intervalMilliseconds = 500
    /// Rounds without a row after which an empty line keeps proxies from closing the connection.
    private static let silentRounds = 20

    func stream(_ request: QueryRequest) throws -> Response {
        if let pipe = request.query.firstPipeThatWaits {
            throw AnswerError(.badRequest, "\(pipe) needs all rows before it can answer, and a tail has no last one")
        }
        let backend = self.backend
        return Response(
            status: .ok, headers: [.contentType: "application/stream+json"],
            body: ResponseBody { writer in
                var after = backend.clock.now() - Self.delayNanoseconds
                var silent = 0
                // The headers must not wait for the first row.
                try await writer.write(ByteBuffer(string: "\n"))
                while !Task.isCancelled && !Task.isShuttingDownGracefully {
                    try await Task.sleep(for: .milliseconds(Self.intervalMilliseconds))
                    let until = backend.clock.now() - Self.delayNanoseconds
                    guard until > after else { continue }
                    var round = request
                    round.now = until
                    round.timeRange = (after + 1)...until
                    after = until
                    var bytes: [UInt8] = []
                    for portion in try await QueryRunner(backend: backend).collect(round).rows {
                        portion.appendNDJSON(to: &bytes)
                    }
                    silent = bytes.isEmpty ? silent + 1 : 0
                    if silent >= Self.silentRounds {
                        bytes = [UInt8(ascii: "\n")]
                        silent = 0
                    }
                    if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                }
                try await writer.finish(nil)
            })
    }
}
