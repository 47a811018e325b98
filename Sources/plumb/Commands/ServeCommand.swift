import ArgumentParser
import Deviations
import Foundation
import Logging
import Machine
import Search
import ServiceLifecycle
import Store
import Web

/// `plumb serve`: the engine.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: "Runs without configuration. SIGTERM drains and ends it; SIGHUP reloads rules. Example: plumb serve"
    )

    @Option(help: ArgumentHelp("Settings as YAML.", valueName: "FILE"))
    var config: String?
    @Option(help: ArgumentHelp("The data folder.", valueName: "DIR"))
    var data: String?
    @Option(help: ArgumentHelp("Where HTTP listens; port 0 lets the system choose.", valueName: "HOST:PORT"))
    var http: String?
    @Option(help: ArgumentHelp("Where TCP listens.", valueName: "HOST:PORT"))
    var tcp: String?

    /// Enough that the threads that allocate most do not wait for each other.
    private static let heaps: Int32 = 2
    /// What the groups of one query over millions of rows take.
    private static let keptBytes: Int32 = 64 << 20

    func run() async throws {
        limitHeaps(to: Self.heaps)
        keepFreeMemory(upTo: Self.keptBytes)
        var settings = try config.map { try ServeSettings(file: $0) } ?? ServeSettings()
        if let data { settings.data = data }
        if let http { settings.http = http }
        if let tcp { settings.tcp = tcp }
        var logger = Logger(label: "plumb") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .notice
        let server: Server
        do {
            server = try Server(settings, logger: logger)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        try await server.run()
    }
}
