import ArgumentParser
import Foundation
import Hummingbird
import Logging

/// `plumb notify`: try a route, or be the receiver.
struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify", abstract: "Try notifications out.", subcommands: [NotifyTest.self, NotifyListen.self])
}

/// `plumb notify listen`: a webhook receiver on this machine that prints what it gets.
struct NotifyListen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Receive notifications and print them, one JSON document a line.",
        discussion: "Example: plumb notify listen 127.0.0.1:7790 --to notifications.ndjson")

    @Argument(help: "Where to listen.")
    var address = "127.0.0.1:7790"
    @Option(help: "A file to append to instead of standard output.")
    var to: String?

    /// A notification with all its samples is a few kilobytes.
    private static let bodyBytes = 4 << 20

    func run() async throws {
        let (host, port) = try HostPort.parse(address)
        let file = try to.map { path in
            FileManager.default.createFile(atPath: path, contents: nil)
            return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        }
        let router = Router()
        router.post("**") { request, _ in
            let body = try await request.body.collect(upTo: Self.bodyBytes)
            let line = Array(body.readableBytesView.filter { $0 != UInt8(ascii: "\n") }) + [UInt8(ascii: "\n")]
            if let file { try file.write(contentsOf: line) } else { Terminal.output(line) }
            return HTTPResponse.Status.ok
        }
        var logger = Logger(label: "notify")
        logger.logLevel = .error
        let app = Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                Terminal.note("listening on http://\(host):\(channel.localAddress?.port ?? port)")
            }, logger: logger)
        try await app.runService()
    }
}

/// `HOST:PORT` on a command line.
enum HostPort {
    static func parse(_ text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw CommandFailure.wrong("\"\(text)\" is not HOST:PORT") }
        let host = String(text[..<colon])
        return (host.isEmpty ? "127.0.0.1" : host, port)
    }
}
