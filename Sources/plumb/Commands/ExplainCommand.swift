import ArgumentParser
import Foundation
import Machine
import Records
import Search
import Web

/// `plumb explain`: the likely causes of a finding, or of what differs in a window of time.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show the likely causes of a finding, or of what differs in a window of time, with evidence.",
        discussion: """
            Examples:
              plumb explain d-3
              plumb explain --start 2026-03-16T10:00:00Z --end 2026-03-16T10:10:00Z --data plumb-data
            Without a baseline, the window is compared with as long a time right before it.
            """)

    @Argument(help: "The finding's ID, as plumb deviations and notifications show it.")
    var id: String?
    @OptionGroup var source: SourceOptions
    @Option(help: ArgumentHelp("Log files of any known form, or - for standard input.", valueName: "FILE|-"))
    var from: [String] = []
    @Option(help: "Beginning of the window: RFC 3339, Unix, or an age such as 10m.")
    var start: String?
    @Option(help: "End of the window; now without it.")
    var end: String?
    @Option(help: "Beginning of what the window is compared with.")
    var baselineStart: String?
    @Option(help: "End of what the window is compared with.")
    var baselineEnd: String?
    @Option(help: "text, or json for programs.")
    var format: Format = .text

    enum Format: String, ExpressibleByArgument { case text, json }

    func validate() throws {
        guard id == nil || start == nil else { throw ValidationError("an ID and --start exclude each other") }
        guard id != nil || start != nil else { throw ValidationError("an ID, or --start, expected") }
        let sources = [source.server != nil, source.data != nil, !from.isEmpty].count { $0 }
        guard sources <= 1 else { throw ValidationError("--server, --data and --from exclude each other") }
        if id != nil, source.data != nil || !from.isEmpty {
            throw ValidationError("findings are a server's; explain a window with --start and --end")
        }
    }

    func run() async throws {
        let document = id == nil ? try await window() : try await finding(id ?? "")
        switch format {
        case .json: Terminal.print(String(decoding: document.bytes, as: UTF8.self))
        case .text: for line in ExplanationText(document).lines { Terminal.print(line) }
        }
    }

    private func finding(_ id: String) async throws -> JSONValue {
        let path = id.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? id
        return try await document("/api/v1/deviations/\(path)/explain", [])
    }

    private func window() async throws -> JSONValue {
        var arguments: [(String, String)] = []
        let given = [
            ("start", start), ("end", end), ("baseline_start", baselineStart), ("baseline_end", baselineEnd),
        ]
        for case (let name, let value?) in given { arguments.append((name, value)) }
        guard source.data != nil || !from.isEmpty else { return try await document("/api/v1/explain", arguments) }
        let now = SystemClock().now()
        let windows: ExplainedWindows
        do {
            windows = try ExplainedWindows(Dictionary(uniqueKeysWithValues: arguments), now: now)
        } catch {
            throw CommandFailure.wrong("\(error)")
        }
        let snapshot: any BlockSnapshot
        if let folder = source.data {
            snapshot = try SourceOptions.readOnly(folder).snapshot(try source.wantedTenant)
        } else {
            snapshot = MemorySnapshot(try from.flatMap { try LogFile.batches($0, now: now) })
        }
        return try windows.explanation(over: snapshot).json
    }

    private func document(_ path: String, _ arguments: [(String, String)]) async throws -> JSONValue {
        var bytes: [UInt8] = []
        try await source.client.stream(path, arguments) { bytes += $0.readableBytesView }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw CommandFailure.failed("the server's answer is not JSON: \(error)")
        }
    }
}
