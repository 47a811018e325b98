import ArgumentParser
import Machine

/// `plumb import FILE…`: bulk load.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Load log files: NDJSON, logfmt, syslog, access logs, plain text; plain, gzip, zstd or LZ4.",
        discussion: """
            Can be broken off and started again: what is stored of a file is not stored a second time. A file is known \
            by its first 64 KiB and its size.

            Example: plumb import access.log.gz app.ndjson.zst --server http://127.0.0.1:7780
            """)

    @Argument(help: "Log files.")
    var files: [String]
    @OptionGroup var source: SourceOptions

    func run() async throws {
        let target: any ImportTarget =
            if let folder = source.data { try StoreTarget(folder) } else {
                ServerTarget(try source.client)
            }
        var bar = ProgressBar("importing", unit: "records", clock: SystemClock())
        var done = 0
        var rejected = 0
        var problem: (any Error)?
        do {
            for path in files {
                var file = try ImportFile.open(path)
                var stored = try await target.storedRecords(of: file.name)
                if stored > 0 { Terminal.note("\(path): \(Numbers.grouped(stored)) records are stored already") }
                file.drop(records: stored)
                while let batch = try file.next() {
                    let leftOut = try await target.store(batch, first: stored + 1, of: file.name)
                    if leftOut.records > 0 {
                        Terminal.note("\(path): \(leftOut.records) records were left out: \(leftOut.reason)")
                    }
                    stored += batch.rowCount
                    done += batch.rowCount - leftOut.records
                    rejected += leftOut.records
                    bar.update(done: done, total: nil, detail: "\(path) \(file.percent) %")
                }
                rejected += file.rejectedCount
                for rejection in file.takeRejections() {
                    Terminal.note("\(path):\(rejection.line): \(rejection.reason): \(rejection.sample)")
                }
            }
        } catch {
            problem = error
        }
        await target.close()
        if let problem { throw problem }
        bar.finish(done: done, detail: "\(Numbers.grouped(rejected)) rejected")
    }
}
