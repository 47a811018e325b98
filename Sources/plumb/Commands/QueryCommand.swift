import ArgumentParser
import Bytes
import Foundation
import Machine
import QueryLanguage
import Records
import Search
import Store
import Web

/// `plumb query`: LogsQL over a server, a folder, files or standard input.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Run a LogsQL query against a server, a data folder, or plain log files.",
        discussion: """
            Examples:
              plumb query 'level:error | stats by (service) count()'
              kubectl logs deploy/checkout | plumb query --from - 'timeout | top 5 by (host)'
            """)

    @Argument(help: "The query.")
    var query: String
    @OptionGroup var source: SourceOptions
    @Option(help: ArgumentHelp("Log files of any known form, or - for standard input.", valueName: "FILE|-"))
    var from: [String] = []
    @Option(help: "Records from this time on: RFC 3339, Unix, or an age such as 1h.")
    var start: String?
    @Option(help: "Records until this time, which is included.")
    var end: String?
    @Option(help: "At most this many rows; 0 is no limit.")
    var limit: UInt64?
    @Option(help: "ndjson, table or csv.")
    var format: RowFormat = .ndjson
    @Flag(help: "Only parse, and print the query in its canonical form.")
    var print = false
    @Option(help: "Run so many times, and say the median time on standard error; results are printed once.")
    var `repeat` = 1

    func validate() throws {
        if !from.isEmpty && (source.server != nil || source.data != nil) {
            throw ValidationError("--from excludes --server and --data")
        }
    }

    func run() async throws {
        let now = SystemClock().now()
        var parsed: Query
        do {
            parsed = try QueryParser.parse(query, now: now)
        } catch {
            throw CommandFailure.wrong(error.marked(in: query))
        }
        if print { return Terminal.print(parsed.description) }
        if let limit, limit > 0, !from.isEmpty || source.data != nil { parsed.pipes.append(.limit(limit)) }
        let clock = SystemClock()
        var times: [Double] = []
        var printer = RowPrinter(format)
        for run in 1...max(1, self.repeat) {
            printer = RowPrinter(format, isSilent: run < self.repeat)
            let start = clock.uptime()
            if from.isEmpty && source.data == nil {
                try await ask(&printer)
            } else {
                try runHere(parsed, now: now, &printer)
            }
            times.append(Double(clock.uptime() - start) / 1e6)
        }
        printer.finish()
        times.sort()
        guard times.count > 1 else { return }
        Terminal.note(
            "\(times.count) runs: median \(Numbers.fixed(times[times.count / 2], 2)) ms, "
                + "fastest \(Numbers.fixed(times[0], 2)) ms")
    }

    /// Over HTTP; the server's rows come as NDJSON and are printed as they arrive.
    private func ask(_ printer: inout RowPrinter) async throws {
        var arguments = [("query", query)]
        if let start { arguments.append(("start", start)) }
        if let end { arguments.append(("end", end)) }
        if let limit { arguments.append(("limit", String(limit))) }
        var rest: [UInt8] = []
        var lines = RowLines()
        try await source.client.stream("/select/logsql/query", arguments) { chunk in
            rest += chunk.readableBytesView
            try lines.take(&rest)
            lines.drain(into: &printer)
        }
        if let problem = lines.problem { throw CommandFailure.failed(problem) }
    }

    private func runHere(_ query: Query, now: Int64, _ printer: inout RowPrinter) throws {
        var executor = QueryExecutor(workers: ProcessInfo.processInfo.activeProcessorCount)
        if self.repeat > 1 { executor.cache = ColumnCache(limitBytes: 256 << 20) }
        executor.timeRange = try range()
        do {
            let outcome: QueryOutcome
            if let folder = source.data {
                executor.tenant = try source.wantedTenant
                outcome = try run(query, now: now, executor, folder: try SourceOptions.readOnly(folder), &printer)
            } else {
                executor.shape = .fieldSets
                let snapshot = MemorySnapshot(try from.flatMap { try LogFile.batches($0, now: now, for: query) })
                outcome = try executor.run(query, over: snapshot, now: now) { printer.print($0) }
            }
            for reason in outcome.partial { Terminal.note("partial answer: " + reason) }
        } catch let error as SearchError {
            throw error.isTheQuerysFault ? CommandFailure.wrong("\(error)") : CommandFailure.failed("\(error)")
        }
    }

    private func run(
        _ query: Query, now: Int64, _ executor: QueryExecutor, folder: ReadOnlyStore, _ printer: inout RowPrinter
    ) throws -> QueryOutcome {
        var hasPrinted = false
        return try SourceOptions.withoutDamage(of: folder, while: { !hasPrinted }) {
            let snapshot = folder.snapshot(executor.tenant)
            var outcome = try executor.run(query, over: snapshot, now: now) {
                hasPrinted = true
                printer.print($0)
            }
            if let note = snapshot.damageNote { outcome.partial.append(note) }
            return outcome
        }
    }

    private func range() throws -> ClosedRange<Int64>? {
        guard start != nil || end != nil else { return nil }
        let now = SystemClock().now()
        func moment(_ text: String?, _ name: String) throws -> Int64? {
            do {
                return try text.map { try TimeArgument($0, name: name, now: now).first }
            } catch {
                throw CommandFailure.wrong("\(error)")
            }
        }
        let first = try moment(start, "--start") ?? .min
        let last = try moment(end, "--end") ?? .max
        guard first <= last else { throw CommandFailure.wrong("--start is not before --end") }
        return first...last
    }
}
