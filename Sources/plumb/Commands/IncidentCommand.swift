import ArgumentParser
import Foundation
import NIOCore

/// `plumb incident`: what a team works on.
struct IncidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident", abstract: "List incidents; acknowledge, resolve or comment on one.",
        discussion: "Example: plumb incident",
        subcommands: [IncidentList.self, IncidentAct.self], defaultSubcommand: IncidentList.self)
}

struct IncidentList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List incidents with their times to detect and to resolve.")

    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    private struct Document: Decodable {
        struct Incident: Decodable {
            var id: String
            var title: String
            var state: String
            var onset: String
            var timeToDetectSeconds: Double?
            var timeToResolveSeconds: Double?
        }

        var incidents: [Incident]
    }

    func run() async throws {
        let document = try await ServerClient(server).document("/api/v1/incidents", as: Document.self)
        guard !document.incidents.isEmpty else { return Terminal.print("There is no incident.") }
        var table = Table(["id", "state", "onset", "detected after", "resolved after", "what"], rightAligned: [3, 4])
        for one in document.incidents {
            table.add([
                one.id, one.state, String(one.onset.prefix(19)), Self.duration(one.timeToDetectSeconds),
                Self.duration(one.timeToResolveSeconds), one.title,
            ])
        }
        for line in table.lines() { Terminal.print(line) }
    }

    private static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "" }
        if seconds < 120 { return Numbers.fixed(seconds, 0) + " s" }
        return seconds < 7_200 ? Numbers.fixed(seconds / 60, 1) + " min" : Numbers.fixed(seconds / 3_600, 1) + " h"
    }
}

struct IncidentAct: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "act", abstract: "Acknowledge, resolve or comment on an incident.",
        discussion: "Example: plumb incident act INC-1 acknowledge --by ada")

    enum Action: String, ExpressibleByArgument, CaseIterable { case acknowledge, resolve, comment }

    @Argument(help: "The incident's ID.")
    var id: String
    @Argument(help: "acknowledge, resolve or comment.")
    var action: Action
    @Option(help: "Who does it.")
    var by: String?
    @Option(help: "The comment.")
    var text: String?
    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    func run() async throws {
        let path = id.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? id
        var arguments = [("by", by ?? ProcessInfo.processInfo.environment["USER"] ?? "someone")]
        if let text { arguments.append(("text", text)) }
        let (status, answer) = try await ServerClient(server)
            .post("/api/v1/incidents/\(path)/\(action.rawValue)", arguments, body: ByteBuffer())
        guard status == 200 else { throw CommandFailure.failed(answer.trimmingCharacters(in: .whitespacesAndNewlines)) }
        Terminal.print("\(id): \(action.rawValue)")
    }
}
