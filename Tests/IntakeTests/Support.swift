import Intake
import Logging
import Machine
import Records
import ServiceLifecycle
import Synchronization

/// Runs a server on a free loopback port while `body` runs.
func withServer<Result: Sendable>(
    _ sink: ScriptedSink, counters: IntakeCounters = IntakeCounters(), budget: ParseBudget = ParseBudget(),
    _ body: @Sendable @escaping (_ port: Int, _ shutDown: @Sendable () -> Void) async throws -> Result
) async throws -> Result {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = TCPServer(
        TCPServer.Configuration(port: 0), sink: sink, clock: ManualClock(7), counters: counters,
        budget: budget, logger: logger
    ) { port in
        continuation.yield(port)
        continuation.finish()
    }
    let group = ServiceGroup(
        configuration: .init(services: [.init(service: server, successTerminationBehavior: .ignore)], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var port = 0
        for await bound in ports { port = bound }
        let result = try await body(port) { Task { await group.triggerGracefulShutdown() } }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return result
    }
}

/// Waits until `condition` holds; a test that waits in vain fails by its own expectation. The wait is minutes, since
/// tests share few threads: one that must answer may get its turn only when a long computation of another is over.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    for _ in 0..<60_000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

/// What a peer has said so far.
final class Replies: Sendable {
    private let list = Mutex<[Reply]>([])
    func add(_ reply: Reply) { list.withLock { $0.append(reply) } }
    var all: [Reply] { list.withLock { $0 } }

    var lastAcknowledged: UInt64 {
        all.reduce(0) { highest, reply in
            if case .acknowledgement(let number, _, _) = reply { return max(highest, number) }
            return highest
        }
    }
}

/// Sends the bytes, ends, and collects what the server says until it closes.
func talk(_ port: Int, _ bytes: [UInt8]) async throws -> [Reply] {
    let replies = Replies()
    try await AgentLink.connect(host: "127.0.0.1", port: port) { link in
        try await link.send(bytes)
        link.endSending()
        try await link.forEachReply { reply in
            replies.add(reply)
            return true
        }
    }
    return replies.all
}

func lines(_ range: Range<Int>) -> [UInt8] { range.flatMap { Array("{\"n\":\($0)}\n".utf8) } }
