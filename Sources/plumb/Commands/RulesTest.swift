import Alerts
import ArgumentParser
import Foundation
import Search

/// `plumb rules test FILE…`.
struct RulesTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run unit tests of rules: which alerts fire over a made-up history.",
        discussion: "Example: plumb rules test rules-test.yaml")

    @Argument(help: "Test files; they name their rule files, relative to themselves.")
    var files: [String]

    func run() async throws {
        var failed = 0
        var count = 0
        for file in files {
            let tests: RuleTestFile
            let rules: RuleSet
            do {
                tests = try RuleTestFile(parsing: try Input.all(file), file: file)
                rules = try Self.rules(tests.ruleFiles, beside: file)
            } catch let error as SettingsError {
                throw CommandFailure.wrong("\(error)")
            }
            for test in tests.tests {
                count += 1
                let queries = SnapshotAlertQueries(
                    snapshot: MemorySnapshot([test.records]), executor: QueryExecutor(workers: 1))
                let failures = try await test.failures(of: rules, queries: queries)
                Terminal.print("\(file): \(test.name): \(failures.isEmpty ? "passed" : "failed")")
                for failure in failures { Terminal.print("  " + failure) }
                if !failures.isEmpty { failed += 1 }
            }
        }
        Terminal.print("\(count - failed) of \(count) tests passed")
        if failed > 0 { throw CommandFailure.failed("\(failed) tests failed") }
    }

    private static func rules(_ paths: [String], beside file: String) throws -> RuleSet {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        return RuleSet(
            merging: try paths.map { path in
                let place = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).path
                return try RuleSet(parsing: try Input.all(place), file: path, checkQuery: RuleQuery.check)
            })
    }
}
