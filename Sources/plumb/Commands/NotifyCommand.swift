import ArgumentParser
import Bytes
import Foundation
import Hummingbird
import Logging
import Machine
import NIOCore
import Synchronization

/// `plumb notify`: try a receiver, or be one.
struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify", abstract: "Try notifications out.", discussion: "Example: plumb notify test default",
        subcommands: [NotifyTest.self, NotifyListen.self, NotifyShow.self])
}

/// `plumb notify test RECEIVER`: a message that says it is a test.
struct NotifyTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a message that says it is a test.",
        discussion: "Example: plumb notify test war-room")

    @Argument(help: "The receiver's name in the routing file.")
    var receiver: String
    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    func run() async throws {
        let (status, text) = try await ServerClient(server)
            .post("/api/v1/notifications/test", [("receiver", receiver)], body: ByteBuffer())
        guard status == 200 else { throw CommandFailure.failed(text.trimmingCharacters(in: .whitespacesAndNewlines)) }
        Terminal.print("a test is on its way to \(receiver)")
    }
}

/// `plumb notify listen`: a webhook receiver on this machine that prints what it gets.
struct NotifyListen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Receive notifications and print them, one JSON document a line.",
        discussion: "Example: plumb notify listen 127.0.0.1:7790 --to notifications.ndjson")

    @Argument(help: "Where to listen; port 0 lets the system choose.")
    var address = "127.0.0.1:7790"
    @Option(help: "A file to append to instead of standard output.")
    var to: String?

    /// A notification with all its samples is a few kilobytes.
    private static let bodyBytes = 4 << 20

    func run() async throws {
        let place = try HostPort(address)
        let file = try to.map { try RealFileSystem().open($0, .readWrite) }
        let end = Mutex(try file?.size() ?? 0)
        let router = Router()
        router.post("**") { request, _ in
            let body = try await request.body.collect(upTo: Self.bodyBytes)
            let line: [UInt8] = body.readableBytesView.filter { $0 != UInt8(ascii: "\n") } + [UInt8(ascii: "\n")]
            guard let file else {
                Terminal.output(line)
                return HTTPResponse.Status.ok
            }
            try end.withLock { end in
                try file.write(line.rawSpan, at: end)
                end += line.count
            }
            return HTTPResponse.Status.ok
        }
        var logger = Logger(label: "plumb.notify") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        let app = Application(
            router: router, configuration: .init(address: .hostname(place.host, port: place.port)),
            onServerRunning: { channel in
                Terminal.note("listening on http://\(place.authority(port: channel.localAddress?.port))")
            }, logger: logger)
        try await app.runService()
    }
}

/// `plumb notify show FILE`: received notifications for people.
struct NotifyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show notifications that plumb notify listen has written.",
        discussion: "Example: plumb notify show notifications.ndjson --require samples,traceIDs")

    @Argument(help: "A file of notifications, one JSON document a line.")
    var file: String
    @Option(help: "Names of members, separated by commas, that at least one alert must hold, not empty.")
    var require: String?

    func run() throws {
        let alerts = try notifications().flatMap { ($0["alerts"] as? [[String: Any]]) ?? [] }
        if let require { return try check(require.split(separator: ",").map(String.init), alerts) }
        for alert in alerts { show(alert) }
    }

    private func notifications() throws -> [[String: Any]] {
        let text = String(decoding: try Input.all(file), as: UTF8.self)
        return try text.split(separator: "\n").map { line in
            guard let one = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw CommandFailure.failed("\(file) holds something else than notifications")
            }
            return one
        }
    }

    private func check(_ names: [String], _ alerts: [[String: Any]]) throws {
        let isMet = alerts.contains { alert in names.allSatisfy { !((alert[$0] as? [Any]) ?? []).isEmpty } }
        guard isMet else {
            throw CommandFailure.failed("no alert in \(file) holds \(names.joined(separator: " and "))")
        }
        Terminal.print("an alert holds \(names.joined(separator: " and "))")
    }

    private func show(_ alert: [String: Any]) {
        func text(_ key: String) -> String { alert[key].map { "\($0)" } ?? "" }
        let annotations = alert["annotations"] as? [String: Any] ?? [:]
        let labels = alert["labels"] as? [String: Any] ?? [:]
        Terminal.print("\(text("status").uppercased())  \(labels["alertname"] ?? "")  \(annotations["summary"] ?? "")")
        let expected = alert["expected"] as? [String: Any] ?? [:]
        func number(_ value: Any?) -> String { (value as? Double).map(Numbers.short) ?? "–" }
        if alert["observed"] == nil {
            Terminal.print("  since \(text("onset")), value \(number(alert["value"]))")
        } else {
            Terminal.print(
                "  since \(text("onset")), observed \(number(alert["observed"])), "
                    + "expected \(number(expected["low"]))–\(number(expected["high"]))")
        }
        for cause in (alert["causes"] as? [[String: Any]] ?? []).prefix(3) {
            Terminal.print("  cause   \(cause["what"] ?? "")  (\(cause["evidence"] ?? ""))")
        }
        for sample in (alert["samples"] as? [[String: Any]] ?? []).prefix(3) {
            Terminal.print("  sample  \(sample["line"] ?? "")  \(sample["traceID"] ?? "")")
        }
        if let ids = alert["traceIDs"] as? [String], !ids.isEmpty {
            Terminal.print("  traces  \(ids.prefix(3).joined(separator: " "))")
        }
        if !text("link").isEmpty { Terminal.print("  look at \(text("link"))") }
    }
}
