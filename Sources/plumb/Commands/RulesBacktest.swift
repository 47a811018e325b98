import Alerts
import ArgumentParser
import Foundation
import Machine
import Records
import Search
import Web

/// `plumb rules backtest FILE…`.
struct RulesBacktest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest", abstract: "Show what rules would have fired over stored history.",
        discussion: """
            Reads a running server unless --data or --from is given. Rules on deviations are left out: they
            follow findings, which happen as records come.

            Example: plumb rules backtest rules.yaml --start 7d
            """)

    @Argument(help: "Rule files.")
    var files: [String]
    @OptionGroup var source: SourceOptions
    @Option(help: ArgumentHelp("Log files of any known form, or - for standard input.", valueName: "FILE|-"))
    var from: [String] = []
    @Option(help: "From this time on: RFC 3339, Unix, or an age such as 7d; without it, from the first record.")
    var start: String?
    @Option(help: "Until this time; without it, until the last record.")
    var end: String?

    func validate() throws {
        if !from.isEmpty && (source.data != nil || source.server != nil) {
            throw ValidationError("--from goes without --data and --server")
        }
    }

    func run() async throws {
        let now = SystemClock().now()
        let rules: RuleSet
        do {
            rules = RuleSet(
                merging: try files.map {
                    try RuleSet(parsing: try Input.all($0), file: $0, checkQuery: RuleQuery.check)
                })
        } catch let error as SettingsError {
            throw CommandFailure.wrong("\(error)")
        }
        let (queries, span) = try await history(now: now)
        guard let span else { throw CommandFailure.failed("there are no records") }
        let report: RuleBacktest
        do {
            report = try await RuleBacktest.run(
                rules, from: try moment(start, "--start", now) ?? span.lowerBound,
                to: try moment(end, "--end", now) ?? span.upperBound, queries: queries)
        } catch let error as RuleBacktest.RangeError {
            throw CommandFailure.wrong("\(error)")
        }
        show(report)
    }

    /// Where the rules are asked, and the times of the first and the last record there.
    private func history(now: Int64) async throws -> (queries: any AlertQueries, span: ClosedRange<Int64>?) {
        if from.isEmpty, source.data == nil {
            let queries = ServerAlertQueries(client: try source.client)
            return (queries, try await queries.span())
        }
        var executor = QueryExecutor(workers: ProcessInfo.processInfo.activeProcessorCount)
        let snapshot = try snapshot(&executor, now: now)
        let blocks = snapshot.blocks(in: Int64.min...Int64.max)
        let queries = SnapshotAlertQueries(snapshot: snapshot, executor: executor)
        guard let first = blocks.map(\.timeRange.lowerBound).min(), let last = blocks.map(\.timeRange.upperBound).max()
        else { return (queries, nil) }
        return (queries, first...last)
    }

    private func snapshot(_ executor: inout QueryExecutor, now: Int64) throws -> any BlockSnapshot {
        guard let folder = source.data else {
            return MemorySnapshot(try from.flatMap { try LogFile.batches($0, now: now) })
        }
        executor.tenant = try source.wantedTenant
        return try SourceOptions.readOnly(folder).snapshot(executor.tenant)
    }

    private func moment(_ text: String?, _ name: String, _ now: Int64) throws -> Int64? {
        do { return try text.map { try TimeArgument($0, name: name, now: now).first } } catch {
            throw CommandFailure.wrong("\(error)")
        }
    }

    private func show(_ report: RuleBacktest) {
        var table = Table(["From", "To", "Alert", "Labels", "Summary"])
        for firing in report.firings {
            let labels = firing.alert.labels.filter { $0.key != "alertname" }.sorted { $0.key < $1.key }
            table.add([
                Timestamp(nanoseconds: firing.from).description,
                firing.to.map { Timestamp(nanoseconds: $0).description } ?? "still firing", firing.alert.name,
                Terminal.visible(labels.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")),
                Terminal.visible(firing.alert.annotations["summary"] ?? ""),
            ])
        }
        if !report.firings.isEmpty { for line in table.lines() { Terminal.print(line) } }
        Terminal.note("\(report.firings.count) alerts in \(report.evaluations) evaluations")
        for (rule, health) in report.health.sorted(by: { $0.key < $1.key }) {
            if let error = health.error { Terminal.note("\(rule): \(error)") }
        }
    }
}
