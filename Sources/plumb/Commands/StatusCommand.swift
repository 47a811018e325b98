import ArgumentParser
import Foundation

/// `plumb status`: whether a server is well.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say whether a server is up, accepts records durably, and serves its page.",
        discussion: "Exit code 0 only if all three hold. Example: plumb status --server http://127.0.0.1:7780")

    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    func run() async throws {
        var failures = 0
        for (what, path) in [("up", "/health"), ("accepting and durable", "/ready"), ("page", "/")] {
            var bytes = 0
            do {
                try await ServerClient(server).stream(path) { bytes += $0.readableBytes }
                Terminal.print("ok      \(what)")
            } catch let failure as CommandFailure {
                Terminal.print("FAILED  \(what): \(failure.message)")
                failures += 1
            }
        }
        if failures > 0 { throw CommandFailure.failed("\(server) is not well") }
    }
}
