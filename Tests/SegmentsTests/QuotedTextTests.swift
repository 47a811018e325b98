import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Lines whose quoted parts differ in everything: each quote is one variable then.
@Suite struct QuotedTextTests {
    private static let agents = [
        "curl/8.1", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "-", "bot \\\"x\\\" 2", "",
    ]
    private static let words = ["images", "a b", "é", "index.html", "1", "x=1&y=", "=", "'", "q'd", "\u{0}"]

    /// Lines as access logs have them; `odd` of a hundred are missing a quote or have one too many.
    private func lines(_ count: Int, odd: Int, seed: UInt64) -> [String] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { row in
            let depth = random.below(6)
            let path = (0..<depth).map { _ in Self.words[random.below(Self.words.count)] }.joined(separator: "/")
            let agent = Self.agents[random.below(Self.agents.count)]
            var line = "10.0.\(random.below(4)).\(random.below(200)) - - [\(row)] \"GET /\(path) HTTP/1.1\" "
            line += "\(200 + random.below(3)) \(random.below(90_000)) \"\(random.below(9))/\(path)\" \"\(agent)\""
            guard random.below(100) < odd else { return line }
            return ["\"" + line, line + "\"", String(line.dropLast()), "\"\"", "\"", "no quote \(row)"][random.below(6)]
        }
    }

    private func batch(_ lines: [String]) -> RecordBatch {
        RecordBatch(rows: lines.enumerated().map { (time: Int64($0), fields: [("_msg", $1), ("n", "\($0 % 7)")]) })
    }

    @Test(arguments: [EncodingEffort.commit, .seal, .packed], [0, 3, 60])
    func linesComeBack(effort: EncodingEffort, odd: Int) throws {
        for count in [1, 9, 200, 3_000] {
            let batch = batch(lines(count, odd: odd, seed: UInt64(count + odd)))
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "\(effort) \(count) \(odd)")
        }
    }

    @Test func aQuoteIsOneVariable() throws {
        let batch = batch(lines(6_000, odd: 2, seed: 1))
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        let column = try #require(try block.templateColumn("_msg"))
        #expect(column.templateCount < 20)
        let usual = try #require((0..<column.templateCount).max { column.rowCount(of: $0) < column.rowCount(of: $1) })
        #expect(column.pieces(of: usual).map(\.string).contains("\" \""))
        // Some rows alone, as a lookup reads them.
        let rows = stride(from: 5, to: 6_000, by: 613).map { $0 }
        let position = try #require(batch.columns.firstIndex { $0.name == "_msg" })
        let expected = rows.map { ByteString(batch.value(row: $0, column: position)) }
        #expect(try rows.indices.map { try block.column("_msg", rows: rows).value($0) } == expected)
    }

    /// Commit groups take messages apart by words; sealing tries whole quotes on what they hold.
    @Test func groupsBecomeOneSegment() throws {
        let lines = lines(5_000, odd: 2, seed: 2)
        let batch = batch(lines)
        let groups = try stride(from: 0, to: lines.count, by: 1_000).map { start in
            let rows = (UInt32(start)..<UInt32(start + 1_000)).map { $0 }
            return try EncodedBlock(BlockEncoder(effort: .commit).encode(batch, order: rows).bytes)
        }
        let bytes = try #require(try SegmentWriter().encode(groups))
        let segment = try SegmentReader(SharedBytes(bytes), file: "test")
        try segment.verify()
        let block = try #require(segment.blocks.first)
        #expect(block.statistics(of: "_msg")?.encoding == .templates)
        let found = try block.column("_msg")
        for row in lines.indices where found.value(row).string != lines[row] {
            Issue.record("row \(row): \(lines[row]) came back as \(found.value(row))")
            break
        }
        for line in lines.prefix(50) {
            for word in line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
                #expect(block.mayContain(word: ByteString(String(word)), in: "_msg"), "\(word) of \(line)")
            }
        }
    }
}
