import Bytes
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// Random queries over random rows: the engine on batches in memory, on one encoded block and on many must agree with
/// `SlowEngine`.
@Suite struct DifferentialTests {
    static let words = ["error", "open", "file", "тест", "x", "42", "GET", "a_b"]

    /// Fields of different natures: constant, few values, integers, decimals, texts, rarely present.
    static func row(_ index: Int, _ random: inout SplitMix) -> SlowEngine.Row {
        var row: SlowEngine.Row = ["const": "same"]
        row["level"] = ["info", "warn", "error"].randomElement(using: &random)!
        row["status"] = "\([200, 204, 404, 500].randomElement(using: &random)!)"
        row["bytes"] = "\(Int.random(in: -50...5_000, using: &random))"
        row["ratio"] = ["0.5", "1.25", "12", "-3.5", "1e3", "n/a"].randomElement(using: &random)!
        if Int.random(in: 0..<4, using: &random) == 0 { row["rare"] = "r\(Int.random(in: 0..<12, using: &random))" }
        let count = Int.random(in: 1...5, using: &random)
        row["_msg"] = (0..<count).map { _ in words.randomElement(using: &random)! }.joined(
            separator: [" ", ", ", "-"].randomElement(using: &random)!)
        return row
    }

    static let fields = ["const", "level", "status", "bytes", "ratio", "rare", "_msg", "absent"]

    static func filter(_ random: inout SplitMix, depth: Int = 0) -> String {
        let field = fields.randomElement(using: &random)!
        let word = words.randomElement(using: &random)!
        if depth < 3, Int.random(in: 0..<3, using: &random) == 0 {
            let left = filter(&random, depth: depth + 1)
            let right = filter(&random, depth: depth + 1)
            return ["(\(left) and \(right))", "(\(left) or \(right))", "!(\(left))"].randomElement(using: &random)!
        }
        let number = Int.random(in: -60...5_100, using: &random)
        return [
            "\(field):\"\(word)\"", "\(field):\"\(word.prefix(2))\"*", "\(field):=\"\(word)\"", "\(field):\"\"",
            "\(field):*",
            "\(field):in(error, 200, r1, \"\(word)\")", "\(field):>\(number)", "\(field):<=\(number)",
            "\(field):range[0, \(number))",
            "\(field):=\(number)", "\(field):i(\"ERROR\")", "\(field):len_range(2, 4)",
            "\(field):*\"\(word.suffix(2))\"*", "\(field):=\"e\"*",
            "status:\([200, 404].randomElement(using: &random)!)",
            "_msg:\"\(word) \(words.randomElement(using: &random)!)\"",
        ].randomElement(using: &random)!
    }

    static func pipes(_ random: inout SplitMix) -> String {
        let field = fields.randomElement(using: &random)!
        let other = fields.randomElement(using: &random)!
        let condition = filter(&random, depth: 2)
        return [
            "", "| fields \(field), \(other)", "| limit 7", "| offset 3 | limit 5", "| filter \(condition) | limit 20",
            "| sort by (\(field), bytes desc) | limit 9", "| sort by (\(field) desc) limit 4",
            "| sort by (bytes) desc offset 2 limit 3",
            "| uniq by (\(field)) with hits", "| uniq by (\(field), \(other))", "| top 3 by (\(field))",
            "| stats count() a, count(\(field)) b, count_empty(\(field)) c, count_uniq(\(field)) d, "
                + "sum(\(field)) e, min(\(field)) f, max(\(field)) g",
            "| stats by (\(field)) count() a, count_uniq(\(other)) b, sum(bytes) c, max(\(other)) d, "
                + "count() if (\(condition)) e",
            "| stats by (level, \(field)) count() a, min(bytes) b", "| stats uniq_values(\(field)) a | limit 1",
            "| stats by (level) count() a | sort by (a desc, level) | fields level, a",
        ].randomElement(using: &random)!
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func engineAgreesWithPlainEvaluation(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let count = [40, 300, 700, 1_500][Int(seed - 1) % 4]
        let rows = (0..<count).map { index in
            (time: testNow - Int64(count - index) * 1_000_000_000, row: Self.row(index, &random))
        }
        let timed = rows.map { time, row in
            (time: time, fields: Self.fields.compactMap { name in row[name].map { (name, $0) } })
        }
        let layers: [(String, MemorySnapshot)] = [
            ("one batch", MemorySnapshot([RecordBatch(rows: timed)])),
            (
                "many batches",
                MemorySnapshot(
                    stride(from: 0, to: count, by: 37).map { RecordBatch(rows: Array(timed[$0..<min($0 + 37, count)])) }
                )
            ),
            ("one sealed block", MemorySnapshot(blocks: [try Self.encode(timed[...])])),
            (
                "many sealed blocks",
                MemorySnapshot(
                    blocks: try stride(from: 0, to: count, by: 111).map {
                        try Self.encode(timed[$0..<min($0 + 111, count)])
                    })
            ),
        ]
        for round in 0..<150 {
            let text = "\(Self.filter(&random)) \(Self.pipes(&random))"
            let query = try QueryParser.parse(text, now: testNow)
            let wanted = SlowEngine.run(query, rows).map { row in
                row.filter { $0.value != "" }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                    separator: " | ")
            }
            for (layer, snapshot) in layers {
                for workers in [1, 2] {
                    let found = lines(try answer(text, over: snapshot, workers: workers, shape: .fieldSets).rows)
                    #expect(found == wanted, "seed \(seed), round \(round), \(layer), \(workers) workers: \(text)")
                    if found != wanted { return }
                }
            }
        }
    }

    static func encode(_ rows: ArraySlice<(time: Int64, fields: Fields)>) throws -> EncodedBlock {
        try EncodedBlock(BlockEncoder(effort: .seal).encode(RecordBatch(rows: Array(rows))).bytes)
    }
}
