import ArgumentParser
import Foundation
import NIOCore

/// `plumb flush`: seals what is in memory.
struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush", abstract: "Seal the memory table into segments and empty the journal.",
        discussion: "The server does it by itself; this is for measuring. Example: plumb flush --merge")

    @Option(help: "The server.")
    var server = SourceOptions.defaultServer
    @Flag(help: "Merge segments as well.")
    var merge = false

    func run() async throws {
        for path in ["/internal/force_flush"] + (merge ? ["/internal/force_merge"] : []) {
            let (status, text) = try await ServerClient(server).post(path, body: ByteBuffer())
            guard status == 200 else {
                throw CommandFailure.failed(text.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }
}
