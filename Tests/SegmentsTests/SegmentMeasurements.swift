import Bytes
import Foundation
import Records
import Segments
import TestSupport
import Testing

/// Prints what rows cost, in bytes and in CPU time: `PLUMB_MEASURE=500000 swift test -c release --filter Measurements`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["PLUMB_MEASURE"] != nil))
struct SegmentMeasurements {
    private let rows = Int(ProcessInfo.processInfo.environment["PLUMB_MEASURE"] ?? "") ?? 100_000

    /// CPU nanoseconds of this process.
    private func cpu() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private func measured<Result>(_ name: String, per count: Int, _ body: () throws -> Result) throws -> Result {
        let start = cpu()
        let result = try body()
        print(name, terminator: String(repeating: " ", count: max(1, 34 - name.utf8.count)))
        print(Double((cpu() - start) * 10 / count) / 10, "ns each")
        return result
    }

    @Test func platformRows() throws {
        var generator = PlatformRows(seed: 1)
        let batches = (0..<(rows / 13_000)).map { _ in generator.batch(rows: 13_000) }
        let count = batches.count * 13_000
        let groups = try measured("commit, 13,000 rows a group", per: count) {
            try batches.map { try EncodedBlock(BlockEncoder(effort: .commit).encode($0).bytes) }
        }
        let small = batches.prefix(4).flatMap { batch in
            stride(from: 0, to: 13_000 - 255, by: 256).map { (batch, (UInt32($0)..<UInt32($0 + 256)).map { $0 }) }
        }
        let smallBytes = try measured("commit, 256 rows a group", per: small.count * 256) {
            small.reduce(0) { $0 + BlockEncoder(effort: .commit).encode($1.0, order: $1.1).bytes.count }
        }
        let decoded = try measured("decode of commit groups", per: count) { try groups.map { try RecordBatch($0) } }
        #expect(decoded.count == groups.count)
        let segment = try measured("seal (merge, encode, index)", per: count) { try SegmentWriter().encode(groups)! }
        let reader = try SegmentReader(SharedBytes(segment))
        try measured("merge of one sealed segment", per: count) { _ = try SegmentWriter().encode(reader.blocks) }
        try measured("decode of all columns", per: count) {
            for block in reader.blocks {
                for name in block.columnNames { _ = try block.column(name) }
                _ = try block.times()
            }
        }
        for name in reader.blocks[0].columnNames {
            try measured("  decode \(name)", per: count) { for block in reader.blocks { _ = try block.column(name) } }
        }
        try lookups(reader, decoded[decoded.count / 2])
        report(reader, count: count, groups: groups.reduce(0) { $0 + $1.byteCount })
        print("commit bytes a row: \(smallBytes / (small.count * 256)) at 256 rows")
    }

    /// For a profiler: one stage, over and over.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PLUMB_STAGE"] != nil))
    func oneStage() throws {
        var generator = PlatformRows(seed: 1)
        let batches = (0..<8).map { _ in generator.batch(rows: 13_000) }
        let groups = try batches.map { try EncodedBlock(BlockEncoder(effort: .commit).encode($0).bytes) }
        let seal = ProcessInfo.processInfo.environment["PLUMB_STAGE"] == "seal"
        for _ in 0..<5 {
            try measured(seal ? "seal" : "commit", per: 13_000 * 8) {
                if seal {
                    _ = try SegmentWriter().encode(groups)
                } else {
                    for batch in batches { _ = BlockEncoder(effort: .commit).encode(batch) }
                }
            }
        }
    }

    private func lookups(_ reader: SegmentReader, _ batch: RecordBatch) throws {
        let trace = batch.columnIndex("trace_id")!
        let span = batch.columnIndex("span_id")!
        let ids = stride(from: 0, to: 13_000, by: 97).map { ByteString(batch.value(row: $0, column: trace)) }
        let spans = stride(from: 0, to: 13_000, by: 97).map { ByteString(batch.value(row: $0, column: span)) }
        var found = 0
        try measured("trace lookup", per: ids.count) {
            for id in ids { found += try reader.rows(withIdentifier: id).count }
        }
        try measured("span lookup", per: spans.count) {
            for id in spans { found += try reader.rows(withIdentifier: id).count }
        }
        #expect(found >= ids.count + spans.count)
        try measured("trace lookup with all its values", per: ids.count) {
            for id in ids {
                for (block, rows) in try reader.rows(withIdentifier: id) {
                    for name in block.columnNames { _ = try block.column(name, rows: rows) }
                    _ = try block.times(rows: rows)
                }
            }
        }
        var random = SplitMix(seed: 77)
        let strangers = (0..<20_000).map { _ in ByteString(random.hex(32)) }
        try measured("lookup of a stranger", per: strangers.count) {
            for id in strangers { found -= try reader.rows(withIdentifier: id).count }
        }
    }

    private func report(_ reader: SegmentReader, count: Int, groups: Int) {
        print("column                    B/row   words  encodings")
        for usage in reader.columnUsage() {
            let name = usage.name.string.padding(toLength: 22, withPad: " ", startingAt: 0)
            let encodings = usage.storedBytes.map { "\($0.key)" }.joined(separator: " ")
            print(
                name, String(format: "%8.3f", Double(usage.totalBytes) / Double(count)),
                String(format: "%7.3f", Double(usage.wordFilterBytes) / Double(count)), encodings)
        }
        let summary = reader.summary
        print("index", String(format: "%.3f", Double(summary.identifierIndexBytes) / Double(count)))
        print(
            "total", String(format: "%.2f", Double(summary.storedBytes) / Double(count)), "B/row of",
            summary.rawBytes / count,
            "raw; commit groups", groups / count)
    }
}
