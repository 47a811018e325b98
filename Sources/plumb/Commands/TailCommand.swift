import ArgumentParser
import Bytes
import Machine
import QueryLanguage
import Records

/// `plumb tail`: matching records as they come.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print matching records as they come.",
        discussion: "Example: plumb tail 'level:error service:checkout'")

    @Argument(help: "A query whose pipes look at one row at a time.")
    var query: String
    @Option(help: "The server.")
    var server = SourceOptions.defaultServer

    func run() async throws {
        do {
            let parsed = try QueryParser.parse(query, now: SystemClock().now())
            if let pipe = parsed.firstPipeThatWaits {
                throw CommandFailure.wrong("\(pipe) needs all rows before it can answer, and a tail has no last one")
            }
        } catch let error as QueryError {
            throw CommandFailure.wrong(error.marked(in: query))
        }
        var printer = RowPrinter(.ndjson)
        var rest: [UInt8] = []
        var lines = RowLines()
        try await ServerClient(server).stream("/select/logsql/tail", [("query", query)]) { chunk in
            rest += chunk.readableBytesView
            try lines.take(&rest)
            lines.drain(into: &printer)
            printer.finish()
        }
        if let problem = lines.problem { throw CommandFailure.failed(problem) }
    }
}
