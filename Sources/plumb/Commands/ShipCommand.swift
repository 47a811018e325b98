import ArgumentParser
import Foundation
import Intake
import Logging
import Machine
import ServiceLifecycle
import Synchronization

/// `plumb ship`: the agent.
struct ShipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ship",
        abstract: "Follow log files through rotation and ship them over TCP with acknowledgement.",
        discussion: """
            The agent keeps its place on disk: after a crash it goes on where the server's acknowledgements end, and \
            nothing is stored twice.

            Example: plumb ship /var/log/shop/*.ndjson --to 127.0.0.1:7781
            """)

    @Argument(help: "Files of NDJSON, or - for standard input.")
    var paths: [String]
    @Option(help: ArgumentHelp("The server's TCP address.", valueName: "HOST:PORT"))
    var to: String
    @Option(help: "The agent's lasting name; the machine's name without it.")
    var agent: String?
    @Option(help: ArgumentHelp("The folder for its place.", valueName: "DIR"))
    var state = "./plumb-agent"
    @Flag(help: "End when everything is shipped and acknowledged, instead of following.")
    var exitAtEnd = false

    func run() async throws {
        let server = try HostPort(to)
        let system = RealFileSystem()
        for path in paths where path != "-" && exitAtEnd && !system.exists(path) {
            throw CommandFailure.failed("\(path): no such file")
        }
        let configuration = Shipper.Configuration(
            host: server.host, port: server.port, paths: paths, name: agent ?? ProcessInfo.processInfo.hostName,
            stateDirectory: state, stopsAtEnd: exitAtEnd)
        var logger = Logger(label: "plumb.ship") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let bar = Mutex(ProgressBar("shipping", unit: "records", clock: SystemClock()))
        let last = Mutex(ShipProgress())
        let shipper = Shipper(
            configuration, logger: logger,
            onProgress: { progress in
                last.withLock { $0 = progress }
                bar.withLock { Self.show(progress, in: &$0) }
            },
            onRefusal: { path, refusal in
                Terminal.note("\(path): record \(refusal.record) was refused: \(refusal.reason): \(refusal.sample)")
            })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: shipper, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        let progress = last.withLock { $0 }
        bar.withLock { bar in
            bar.finish(done: progress.acknowledgedRecords, detail: "\(progress.refusedRecords) refused")
        }
    }

    private static func show(_ progress: ShipProgress, in bar: inout ProgressBar) {
        // Bytes say how far it is; records are not counted before they are read.
        let total = progress.sentBytes + progress.backlogBytes
        let acknowledged = progress.sentBytes - progress.unacknowledgedBytes
        let share = total > 0 ? Double(acknowledged) / Double(total) : 0
        let expected = share > 0 ? Int(Double(progress.acknowledgedRecords) / share) : nil
        bar.update(
            done: progress.acknowledgedRecords, total: expected,
            detail: "backlog \(Numbers.bytes(progress.backlogBytes + progress.unacknowledgedBytes))")
    }
}
