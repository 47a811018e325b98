import Bytes
import Foundation
import Records
import Search
import Segments
import TestSupport
import Testing

/// The cases of `Corpora/LogsQL/rows.txt` over rows in memory, one sealed block, many of them, and blocks of the
/// journal: the answers must not tell which.
@Suite struct LayerTests {
    struct Case: CustomTestStringConvertible {
        var query = ""
        var rows: [Fields] = []
        var testDescription: String { query }
    }

    static let cases = CaseFile.blocks(of: "LogsQL/rows.txt").compactMap { lines -> Case? in
        var one = Case()
        for line in lines where !line.hasPrefix(">") {
            guard line.hasPrefix("< ") else {
                one.query += (one.query.isEmpty ? "" : "\n") + line
                continue
            }
            let fields = try? JSONDecoder().decode([String: String].self, from: Data(line.utf8.dropFirst(2)))
            one.rows.append((fields ?? [:]).filter { !$0.value.isEmpty }.sorted { $0.key < $1.key })
        }
        return isOfAnyLayer(one) ? one : nil
    }

    /// Whether the case asks nothing that only rows in memory have, or that is different each time: times and streams
    /// of their own, the kind and number of blocks, chance.
    private static func isOfAnyLayer(_ one: Case) -> Bool {
        let own = ["value_type", "block", "sample", "rand()", "now", "_time", "_stream", "stream_context", "facets"]
        if own.contains(where: one.query.contains) || one.query.contains("field_names") { return false }
        let hasOwnNames = one.rows.joined().contains { $0.0.hasPrefix("_time") || $0.0.hasPrefix("_stream") }
        return !one.query.isEmpty && !one.rows.isEmpty && !hasOwnNames
    }

    @Test func thereAreCases() { #expect(Self.cases.count > 250) }

    @Test(arguments: cases) func layersAgree(_ one: Case) throws {
        let rows = one.rows.enumerated().map { (time: testNow + Int64($0.offset), fields: $0.element) }
        func blocks(_ effort: EncodingEffort, _ length: Int) throws -> MemorySnapshot {
            MemorySnapshot(
                blocks: try stride(from: 0, to: rows.count, by: length).map {
                    let batch = RecordBatch(rows: Array(rows[$0..<min($0 + length, rows.count)]))
                    return try EncodedBlock(BlockEncoder(effort: effort).encode(batch).bytes)
                })
        }
        func found(_ snapshot: MemorySnapshot) throws -> [String] {
            lines(try answer(one.query, over: snapshot, shape: .fieldSets).rows)
        }
        let wanted = try found(MemorySnapshot([RecordBatch(rows: rows)]))
        for (layer, snapshot) in [
            ("one sealed block", try blocks(.seal, rows.count)), ("many sealed blocks", try blocks(.seal, 2)),
            ("journal", try blocks(.commit, 3)),
        ] {
            #expect(try found(snapshot) == wanted, "\(layer)")
        }
    }
}
