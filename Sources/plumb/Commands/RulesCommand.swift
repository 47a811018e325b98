import Alerts
import ArgumentParser

/// `plumb rules`: rule files.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Work with rule files.", discussion: "Example: plumb rules check rules.yaml",
        subcommands: [RulesCheck.self, RulesTest.self, RulesBacktest.self])
}

/// `plumb rules check FILE…`.
struct RulesCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check rule files: form, templates, and the LogsQL of every expression.",
        discussion: "Example: plumb rules check rules.yaml")

    @Argument(help: "Rule files.")
    var files: [String]

    func run() throws {
        var wrong = 0
        for file in files {
            do {
                let rules = try RuleSet(parsing: try Input.all(file), file: file, checkQuery: RuleQuery.check)
                let count = rules.groups.reduce(0) { $0 + $1.rules.count }
                Terminal.print("\(file): right; rules: \(count), groups: \(rules.groups.count)")
            } catch let error as SettingsError {
                Terminal.print("\(error)")
                wrong += 1
            }
        }
        if wrong > 0 { throw CommandFailure.wrong("\(wrong) of \(files.count) files are wrong") }
    }
}
