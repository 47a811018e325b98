import Bytes
import Records
import Segments
import Testing

@Suite struct BlockFilterTests {
    /// The words of a text as LogsQL has them, for ASCII.
    private func words(_ text: ByteString) -> [ByteString] {
        let isWord = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                || byte >= 128
        }
        return text.bytes.split { !isWord($0) }.map { ByteString(Array($0)) }
    }

    @Test(arguments: [EncodingEffort.commit, .seal], [1, 20, 900])
    func noWordIsDenied(effort: EncodingEffort, rows: Int) throws {
        for seed in 11...13 as ClosedRange<UInt64> {
            let batch = randomBatch(rows: rows, seed: seed)
            let block = try EncodedBlock(BlockEncoder(effort: effort).encode(batch).bytes)
            for (position, column) in batch.columns.enumerated() {
                for row in 0..<rows {
                    let value = ByteString(batch.value(row: row, column: position))
                    for word in words(value) where !block.mayContain(word: word, in: column.name) {
                        Issue.record("seed \(seed): \(column.name) denies \(word) of \(value)")
                    }
                }
            }
        }
    }

    /// Columns of enough text to have a filter.
    @Test func noWordOfManyTextsIsDenied() throws {
        let batch = randomBatch(rows: 4_000, kinds: [.messages, .rareMessages, .prose], seed: 14)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for (position, column) in batch.columns.enumerated() {
            for row in stride(from: 0, to: 4_000, by: 3) {
                let value = ByteString(batch.value(row: row, column: position))
                for word in words(value) where !block.mayContain(word: word, in: column.name) {
                    Issue.record("\(column.name) denies \(word) of \(value)")
                }
            }
        }
    }

    @Test func strangeWordsAreMostlyDenied() throws {
        let batch = randomBatch(
            rows: 3_000, kinds: [.messages, .rareMessages, .hex32, .integers, .ipv4, .prose], seed: 3)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for column in batch.columns {
            let found = (0..<400).filter { block.mayContain(word: ByteString("zq\($0)x"), in: column.name) }.count
            #expect(found < 12, "\(column.name) admits \(found) of 400")
        }
        #expect(!block.mayContain(word: "payment", in: "no such field"))
        #expect(!block.mayContain(word: "0123", in: "integers3"))
    }

    @Test func templatesAreSeenInTheirParts() throws {
        let batch = randomBatch(rows: 2_000, kinds: [.rareMessages], seed: 4)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        let column = try #require(try block.templateColumn(batch.columns[0].name))
        let templates = 0..<column.templateCount
        #expect(templates.reduce(column.wholeCount) { $0 + column.rowCount(of: $1) } == 2_000)
        let variables = try templates.map { template in
            try (0..<column.variableCount(of: template)).map { try column.variable($0, of: template) }
        }
        let whole = try column.wholeTexts()
        var next = [Int](repeating: 0, count: column.templateCount + 1)
        for (row, code) in column.codes.enumerated() {
            let place = next[Int(code)]
            next[Int(code)] += 1
            var text = code == 0 ? whole.value(place).bytes : []
            if code > 0 {
                let pieces = column.pieces(of: Int(code) - 1)
                text = pieces[0].bytes
                for (position, variable) in variables[Int(code) - 1].enumerated() {
                    text += variable.value(place).bytes + pieces[position + 1].bytes
                }
            }
            #expect(ByteString(text) == ByteString(batch.value(row: row, column: 0)))
        }
    }

    @Test(arguments: [EncodingEffort.commit, .seal])
    func headersTellRangesAndCounts(effort: EncodingEffort) throws {
        var rows: [(time: Int64, fields: [(String, String)])] = []
        for row in 0..<200 {
            let fields: [(String, String)] = [
                ("n", "\(row * 3 - 100)"), ("status", row % 9 == 0 ? "500" : "200"),
                ("maybe", row % 4 == 0 ? "x\(row)" : ""), ("trace_id", "req-\(row / 5)"),
                ("mixed", row == 7 ? "1.5" : "1"), ("empty", ""),
            ]
            rows.append((time: Int64(row), fields: fields))
        }
        let batch = RecordBatch(rows: rows)
        let block = try EncodedBlock(BlockEncoder(effort: effort).encode(batch).bytes)
        #expect(block.integerRange(of: "n") == -100...497)
        #expect(block.integerRange(of: "status") == 200...500)
        #expect(block.integerRange(of: "mixed") == nil)
        #expect(block.statistics(of: "maybe")?.missing == 150)
        #expect(block.statistics(of: "status")?.distinct == 2)
        #expect(block.columnNames == ["n", "status", "maybe", "trace_id", "mixed"])
        #expect(block.identifierColumns == ["trace_id"])
        #expect(try block.rows(withIdentifier: "req-3") == Array(15..<20))
        #expect(try block.rows(withIdentifier: "req-99") == [])
        #expect(block.mayContain(identifier: "req-3"))
        let unknown = try block.column("empty")
        guard case .constant(.empty) = unknown else {
            Issue.record("a field without values is not missing: \(unknown)")
            return
        }
    }
}
