import ArgumentParser
import Glibc

/// The one program: `plumb serve` is the engine, everything else talks to it or works on files.
@main
struct Plumb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumb",
        abstract: "Log aggregation and anomaly detection: what changed, since when, where, why.",
        version: "1",
        subcommands: [
            ServeCommand.self, ImportCommand.self, ShipCommand.self, QueryCommand.self, TraceCommand.self,
            TailCommand.self,
            StatsCommand.self, StatusCommand.self, FlushCommand.self, VerifyCommand.self, DeviationsCommand.self,
            ExplainCommand.self, BaselineCommand.self,
            AlertsCommand.self, IncidentCommand.self, RulesCommand.self, NotifyCommand.self, PatternsCommand.self,
            DetectCommandLine.self, CorpusCommand.self,
        ])

    /// Exit codes: 0 done, 1 the thing asked for failed, 2 the command line or the query is wrong.
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(QueryArguments.rewritten(Array(CommandLine.arguments.dropFirst())))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Terminal.note("plumb: " + failure.message)
            Glibc.exit(failure.code)
        } catch {
            let code = exitCode(for: error)
            if code == .success { exit(withError: error) }
            let isUsage = code == .validationFailure
            Terminal.note(isUsage ? fullMessage(for: error) : "plumb: \(error)")
            Glibc.exit(isUsage ? 2 : 1)
        }
    }
}

/// Ends the program with a message on standard error.
struct CommandFailure: Error {
    var message: String
    var code: Int32

    /// The thing asked for failed.
    static func failed(_ message: String) -> CommandFailure { CommandFailure(message: message, code: 1) }
    /// The command line or the query is wrong.
    static func wrong(_ message: String) -> CommandFailure { CommandFailure(message: message, code: 2) }
}
