import ArgumentParser
import Corpora
import Machine

/// `plumb corpus`: made go-lives whose truth is known.
struct CorpusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract: "List the built-in corpora, or write one as NDJSON.",
        discussion: "Example: plumb corpus retail --rows 200000 --seed 7 > retail.ndjson")

    @Argument(help: "The corpus; without it, all are listed.")
    var name: String?
    @Option(help: "Records; the span of time stays and the rates follow.")
    var rows: Int?
    @Option(help: "The same seed gives the same bytes.")
    var seed: UInt64 = 1
    @Flag(help: "Write the ground truth as JSON instead of the records.")
    var truth = false

    func run() throws {
        guard let name else { return try list() }
        if name == FaultCase.name { return faults() }
        let made = Result { try CorpusWriter(name: name, rows: rows, seed: seed) }
        guard case .success(var writer) = made else {
            guard case .failure(let error) = made else { return }
            throw CommandFailure.wrong("\(error)")
        }
        if truth { return Terminal.output(writer.truthJSON) }
        var bar = ProgressBar("making \(name)", unit: "records", clock: SystemClock())
        var buffer: [UInt8] = []
        while writer.next(into: &buffer, maximumBytes: Input.chunkBytes) {
            Terminal.output(buffer)
            buffer.removeAll(keepingCapacity: true)
            bar.update(done: writer.progress.rowsDone, total: writer.progress.rows)
        }
        bar.finish(done: writer.progress.rows)
    }

    /// The seed decides system, fault and service; `rows` about how many records there are.
    private func faults() {
        let one = FaultCase(seed: seed, requests: max(2, (rows ?? FaultCase.defaultRows) / FaultCase.rowsPerRequest))
        Terminal.output(truth ? one.truthJSON : one.lines)
    }

    private func list() throws {
        var table = Table(["corpus", "records", "what happens"], rightAligned: [1])
        for name in CorpusWriter.names {
            let writer = try CorpusWriter(name: name)
            table.add([name, Numbers.grouped(writer.defaultRows), writer.summary])
        }
        table.add([FaultCase.name, "some " + Numbers.grouped(FaultCase.defaultRows), FaultCase.summary])
        for line in table.lines(columns: Terminal.columns) { Terminal.print(line) }
    }
}
