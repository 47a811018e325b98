import ArgumentParser

/// `plumb alerts`: what fires.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "List pending, firing and resolved alerts.",
        discussion: "Example: plumb alerts --server http://127.0.0.1:7780")

    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    func run() async throws {
        let document = try await ServerClient(server)
            .document("/api/v1/alerts", [("resolved", "1")], as: AlertsDocument.self)
        guard !document.data.alerts.isEmpty else { return Terminal.print("No alert is pending or firing.") }
        var table = Table(["state", "since", "alert", "what"])
        for alert in document.data.alerts {
            table.add([
                alert.state, String(alert.activeAt.prefix(19)), alert.labels["alertname"] ?? "",
                alert.annotations["summary"] ?? "",
            ])
        }
        for line in table.lines() { Terminal.print(line) }
    }
}
