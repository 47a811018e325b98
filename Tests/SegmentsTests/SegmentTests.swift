import Bytes
import Records
import Segments
import TestSupport
import Testing
import Traces

@Suite struct SegmentTests {
    /// Rows of several overlapping blocks, each also as one text, sorted the slow and obvious way.
    private func expectedRows(_ batches: [RecordBatch], range: ClosedRange<Int64>) -> [String] {
        var rows: [(time: Int64, source: Int, row: Int, text: String)] = []
        for (source, batch) in batches.enumerated() {
            for row in 0..<batch.rowCount where range.contains(batch.times[row]) {
                rows.append((batch.times[row], source, row, text(batch, row)))
            }
        }
        return rows.sorted { $0.time < $1.time }.map(\.text).sorted()
    }

    private func text(_ batch: RecordBatch, _ row: Int) -> String {
        let fields = batch.columns.indices.map { column in
            (name: batch.columns[column].name.string, value: ByteString(batch.value(row: row, column: column)).string)
        }
        let present = fields.filter { !$0.value.isEmpty }.sorted { $0.name < $1.name }
        return "\(batch.times[row]) " + present.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
    }

    private func segment(_ bytes: [UInt8]) throws -> SegmentReader {
        try SegmentReader(SharedBytes(bytes), file: "test")
    }

    @Test(arguments: [100, 1_000, 32_768])
    func mergedRowsComeBackInOrder(rowsPerBlock: Int) throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            let batches = (0..<7).map { _ in
                let kinds = ValueKind.allCases.shuffled(using: &random).prefix(6)
                return randomBatch(rows: 1 + random.below(400), kinds: Array(kinds), seed: random.next())
            }
            let sources = try batches.enumerated().map { index, batch -> any ColumnBlock in
                let effort = index % 2 == 0 ? EncodingEffort.commit : .seal
                return index == 3
                    ? BatchBlock(batch) : try EncodedBlock(BlockEncoder(effort: effort).encode(batch).bytes)
            }
            let middle = batches[0].times[batches[0].rowCount / 2]
            for range in [Int64.min...Int64.max, Int64.min...middle, (middle + 1)...Int64.max] {
                let writer = SegmentWriter(rowsPerBlock: rowsPerBlock)
                guard let bytes = try writer.encode(sources, range: range) else {
                    #expect(expectedRows(batches, range: range).isEmpty)
                    continue
                }
                let reader = try segment(bytes)
                try reader.verify()
                let found = try reader.blocks.map { try RecordBatch($0) }
                #expect(found.allSatisfy { $0.rowCount <= rowsPerBlock })
                let rows = found.flatMap { batch in (0..<batch.rowCount).map { text(batch, $0) } }
                #expect(rows.sorted() == expectedRows(batches, range: range), "seed \(seed)")
                #expect(reader.summary.rowCount == rows.count)
                #expect(reader.summary.storedBytes == bytes.count)
            }
        }
    }

    @Test func equalTimesKeepTheirOrder() throws {
        let batches = (0..<3).map { source in
            RecordBatch(rows: (0..<50).map { (time: Int64($0 / 10), fields: [("n", "\(source)-\($0)")]) })
        }
        let bytes = try #require(try SegmentWriter(rowsPerBlock: 40).encode(batches.map(BatchBlock.init)))
        let rows = try segment(bytes).blocks.flatMap { block in
            let values = try block.column("n")
            return (0..<block.rowCount).map { values.value($0).string }
        }
        for source in 0..<3 {
            let own = rows.filter { $0.hasPrefix("\(source)-") }
            #expect(own == (0..<50).map { "\(source)-\($0)" })
        }
    }

    @Test func identifiersAreFoundInWhicheverField() throws {
        let batch = randomBatch(
            rows: 4_000, kinds: [.recurringIDs, .hex16, .uuid, .uuidUpper, .messages, .sparse], seed: 5)
        var named = batch
        named.columns[5].name = "order_id"
        let bytes = try #require(try SegmentWriter(rowsPerBlock: 500).encode([BatchBlock(named)]))
        let reader = try segment(bytes)
        #expect(reader.blocks.count == 8)
        for column in [0, 1, 2, 3, 5] {
            for row in stride(from: 0, to: 4_000, by: 397) {
                let value = ByteString(named.value(row: row, column: column))
                if value.isEmpty { continue }
                let expected = (0..<4_000).filter { ByteString(named.value(row: $0, column: column)) == value }.count
                for form in [value, ByteString(value.string.uppercased()), ByteString(value.string.lowercased())] {
                    #expect(
                        try reader.rows(withIdentifier: form).reduce(0) { $0 + $1.rows.count } == expected, "\(form)")
                }
                #expect(reader.mayContain(identifier: value))
            }
        }
        #expect(try reader.rows(withIdentifier: "4bf92f3577b34da6a3ce929d0e0e4736").isEmpty)
    }

    @Test func everyFlippedBitIsNoticed() throws {
        let batch = randomBatch(
            rows: 60, kinds: [.recurringIDs, .messages, .integers, .fewWords, .shortDecimals], seed: 8)
        let bytes = try #require(try SegmentWriter(rowsPerBlock: 25).encode([BatchBlock(batch)]))
        try segment(bytes).verify()
        var random = SplitMix(seed: 1)
        for byte in bytes.indices {
            var damaged = bytes
            damaged[byte] ^= UInt8(1 << random.below(8))
            #expect(throws: CorruptionError.self, "byte \(byte) of \(bytes.count)") { try segment(damaged).verify() }
        }
    }

    @Test func aCutSegmentIsNoticed() throws {
        let batch = randomBatch(rows: 30, kinds: [.hex16, .messages], seed: 8)
        let bytes = try #require(try SegmentWriter().encode([BatchBlock(batch)]))
        for length in bytes.indices {
            #expect(throws: CorruptionError.self) { try segment(Array(bytes[..<length])).verify() }
        }
    }

    @Test func aDamagedBlockLeavesTheOthersReadable() throws {
        let batch = randomBatch(rows: 300, kinds: [.recurringIDs, .messages], seed: 8)
        let bytes = try #require(try SegmentWriter(rowsPerBlock: 100).encode([BatchBlock(batch)]))
        var damaged = bytes
        damaged[12] ^= 1
        let reader = try segment(damaged)
        #expect(reader.blocks.count == 2)
        #expect(reader.damage.count == 1)
        #expect(reader.damage[0].file == "test")
        #expect(try reader.blocks.map { try $0.times().count } == [100, 100])
    }
}
