import ArgumentParser
import Foundation

/// `plumb explain ID`: the likely causes of a finding.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show the likely causes of a finding, with evidence.",
        discussion: "Example: plumb explain d-3")

    @Argument(help: "The finding's ID, as plumb deviations and notifications show it.")
    var id: String
    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    func run() async throws {
        let path = id.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? id
        let one = try await ServerClient(server)
            .document("/api/v1/deviations/" + path, as: DeviationsDocument.Deviation.self)
        Terminal.print(one.title)
        let numbers = [one.observed, one.expectedLow, one.expectedHigh].map { $0.map(Numbers.short) ?? "–" }
        Terminal.print(
            "since \(one.onset), found \(one.detectedAt); observed \(numbers[0]) \(one.unit), "
                + "expected \(numbers[1])–\(numbers[2])")
        var table = Table(["", "likely cause", "evidence"])
        for (index, cause) in one.causes.prefix(3).enumerated() {
            let fields = cause.fields.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
            table.add(["\(index + 1).", fields, cause.evidence])
        }
        if !one.causes.isEmpty { for line in table.lines() { Terminal.print(line) } }
        for sample in one.samples { Terminal.print("  \(sample.time)  \(sample.line)  \(sample.traceId ?? "")") }
    }
}
