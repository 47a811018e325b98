import ArgumentParser
import Records
import Segments
import Store
import Web

/// `plumb stats`: what is stored, and what it takes.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show records, segments, and bytes raw and stored by column.",
        discussion: "Example: plumb stats --server http://127.0.0.1:7780")

    @OptionGroup var source: SourceOptions
    @Flag(help: "The sums only.")
    var summary = false
    @Option(help: "Print one number alone: rows, segments, bytes_raw, bytes_stored or journal_bytes.")
    var field: String?

    func run() async throws {
        let statistics = try await read()
        if let field { return try print(field, of: statistics) }
        let ratio = statistics.bytesStored > 0 ? Double(statistics.bytesRaw) / Double(statistics.bytesStored) : 0
        let each = statistics.rows > 0 ? Double(statistics.bytesStored) / Double(statistics.rows) : 0
        Terminal.print(
            "records   \(Numbers.grouped(statistics.rows)) in \(Numbers.grouped(statistics.segments)) segments")
        Terminal.print("raw       \(Numbers.bytes(statistics.bytesRaw))  (field values and times)")
        Terminal.print(
            "stored    \(Numbers.bytes(statistics.bytesStored))  (\(Numbers.fixed(each, 1)) bytes a record, indexes "
                + "and journal included)")
        Terminal.print("ratio     \(Numbers.fixed(ratio, 1))")
        if summary { return }
        guard !statistics.columns.isEmpty else {
            if statistics.rows > 0 { Terminal.note("no columns to show: nothing is sealed into a segment yet") }
            return
        }
        Terminal.print("")
        var table = Table(["column", "raw", "stored", "bytes/record", "encodings"], rightAligned: [1, 2, 3])
        for column in statistics.columns {
            let each = Double(column.bytesStored) / Double(max(1, statistics.rows))
            table.add([
                column.name, Numbers.bytes(column.bytesRaw), Numbers.bytes(column.bytesStored),
                Numbers.fixed(each, 2),
                column.encodings,
            ])
        }
        for line in table.lines() { Terminal.print(line) }
        printEncodings(statistics)
    }

    /// What is no column's is identifiers' indexes, headers and what is not sealed yet.
    private func printEncodings(_ statistics: StatisticsDocument) {
        var table = Table(["encoding", "stored", "bytes/record"], rightAligned: [1, 2])
        func add(_ name: String, _ bytes: Int) {
            table.add([
                name, Numbers.bytes(bytes), Numbers.fixed(Double(bytes) / Double(max(1, statistics.rows)), 2),
            ])
        }
        let sorted = statistics.bytesByEncoding.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (encoding, bytes) in sorted { add(encoding, bytes) }
        add("indexes, headers, journal", statistics.bytesStored - sorted.reduce(0) { $0 + $1.value })
        Terminal.print("")
        for line in table.lines() { Terminal.print(line) }
    }

    private func print(_ field: String, of statistics: StatisticsDocument) throws {
        let numbers = [
            "rows": "\(statistics.rows)", "segments": "\(statistics.segments)", "bytes_raw": "\(statistics.bytesRaw)",
            "bytes_stored": "\(statistics.bytesStored)", "journal_bytes": "\(statistics.journalBytes)",
            "write_amplification": Numbers.fixed(statistics.writeAmplification, 2),
        ]
        guard let number = numbers[field] else {
            throw CommandFailure.wrong("--field must be one of \(numbers.keys.sorted().joined(separator: ", "))")
        }
        Terminal.print(number)
    }

    private func read() async throws -> StatisticsDocument {
        guard let folder = source.data else {
            let client = ServerClient(source.server ?? SourceOptions.defaultServer)
            return try await client.document("/api/v1/stats", as: StatisticsDocument.self)
        }
        let store = try SourceOptions.readOnly(folder)
        var sums = StatisticsDocument(
            rows: 0, segments: 0, bytesRaw: 0, bytesStored: 0, journalBytes: 0,
            writeAmplification: store.writeAmplification, bytesByEncoding: [:], columns: [])
        for tenant in store.tenants {
            let snapshot = store.snapshot(tenant)
            sums.rows += snapshot.rowCount
            sums.segments += snapshot.segmentCount
            sums.bytesRaw += snapshot.rawBytes
            sums.bytesStored += snapshot.segmentBytes
            for (encoding, bytes) in snapshot.columns.bytesByEncoding {
                sums.bytesByEncoding[encoding, default: 0] += bytes
            }
            for column in snapshot.columns {
                sums.columns.append(
                    StatisticsDocument.Column(
                        name: column.name.string, bytesRaw: column.rawBytes, bytesStored: column.totalBytes,
                        encodings: column.encodingNames))
            }
        }
        return sums
    }
}
