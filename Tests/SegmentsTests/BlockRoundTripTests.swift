import Bytes
import Records
import Segments
import TestSupport
import Testing

@Suite struct BlockRoundTripTests {
    @Test(arguments: [EncodingEffort.commit, .seal, .packed], [1, 2, 3, 7, 64, 255, 1_500, 5_000])
    func everyKindComesBackByteForByte(effort: EncodingEffort, rows: Int) throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let batch = randomBatch(rows: rows, seed: seed)
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "seed \(seed)")
        }
    }

    @Test func randomMixturesComeBack() throws {
        var random = SplitMix(seed: 99)
        for round in 0..<60 {
            let kinds = (0..<(1 + random.below(4))).map { _ in
                ValueKind.allCases[random.below(ValueKind.allCases.count)]
            }
            let batch = mixed(kinds, rows: 1 + random.below(700), &random)
            let effort = [EncodingEffort.seal, .commit, .packed][random.below(3)]
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "round \(round) \(kinds)")
        }
    }

    @Test func largeValuesComeBack() throws {
        let large = String(repeating: "stack frame at 0x7ffe\n", count: 95_000)
        let batch = RecordBatch(rows: [
            (time: 3, fields: [("_msg", large), ("a", "1")]), (time: 1, fields: [("_msg", "short")]),
            (time: 2, fields: [("_msg", String(repeating: "ü", count: 1_000_000))]),
        ])
        for effort in [EncodingEffort.commit, .seal] {
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "\(effort)")
        }
    }

    @Test func rowsAreWrittenInTheOrderGiven() throws {
        let batch = RecordBatch(rows: (0..<100).map { (time: Int64(100 - $0), fields: [("n", "\($0)")]) })
        let order = (0..<100).reversed().map(UInt32.init)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch, order: order).bytes)
        #expect(try block.times() == Array(1...100))
        #expect(try block.column("n").value(0) == "99")
        #expect(block.integerRange(of: "n") == 0...99)
        #expect(block.timeRange == 1...100)
    }

    /// A pod decides its service and region, a session its user; some rows are exceptions, some columns have gaps.
    @Test(arguments: [0, 1, 9, 300])
    func columnsThatFollowFromOthersComeBack(exceptions: Int) throws {
        var random = SplitMix(seed: UInt64(exceptions))
        var rows: [(time: Int64, fields: [(String, String)])] = []
        for row in 0..<6_000 {
            let pod = random.below(40)
            let session = row / 20 + random.below(30)
            let odd = random.below(6_000) < exceptions
            rows.append(
                (
                    time: Int64(row),
                    fields: [
                        ("service", odd ? "other" : "service-\(pod % 9)"), ("pod", "pod-\(pod)-x"),
                        ("region", pod % 4 == 0 ? "" : "eu-\(pod % 3)"), ("session_id", "s\(session)"),
                        ("user", odd ? "-1" : "\(session * 7_919 % 100_003)"),
                    ]
                ))
        }
        let batch = RecordBatch(rows: rows)
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        try expectSame(batch, bytes, "\(exceptions) exceptions")
        let block = try EncodedBlock(bytes)
        if exceptions < 100 {
            #expect(block.statistics(of: "service")?.encoding == .derived)
            #expect(block.byteCount(of: "service") < 400)
            #expect(block.statistics(of: "user")?.encoding == .derived)
        }
        #expect(block.statistics(of: "region")?.missing == rows.filter { $0.fields[2].1.isEmpty }.count)
        let expected = rows.indices.filter { rows[$0].fields[3].1 == "s77" }
        #expect(try block.rows(withIdentifier: "s77") == expected)
    }

    @Test func extremeTimesComeBack() throws {
        let times: [Int64] = [.min, .max, 0, -1, 1, .min, .max]
        let batch = RecordBatch(rows: times.map { (time: $0, fields: [("a", "b")]) })
        for effort in [EncodingEffort.commit, .seal] {
            #expect(try EncodedBlock(BlockEncoder(effort: effort).encode(batch).bytes).times() == times)
        }
    }

    private func mixed(_ kinds: [ValueKind], rows: Int, _ random: inout SplitMix) -> RecordBatch {
        var batch = RecordBatch(times: (0..<rows).map(Int64.init))
        for column in 0..<3 {
            var slices: [RecordBatch.Slice] = []
            for row in 0..<rows {
                let value = kinds[random.below(kinds.count)].value(row, &random)
                slices.append(.init(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count)))
                batch.arena.append(contentsOf: value.utf8)
            }
            batch.columns.append(.init(name: ByteString("c\(column)"), slices: slices))
        }
        return batch
    }
}

/// Every value and time of `batch` reads back from the block.
func expectSame(_ batch: RecordBatch, _ bytes: [UInt8], _ context: String) throws {
    let block = try EncodedBlock(bytes)
    #expect(block.byteCount == bytes.count)
    #expect(try block.times() == batch.times, "\(context)")
    let some = (0..<batch.rowCount).filter { ($0 &* 2_654_435_761) >> 5 % 7 == 0 }
    for (position, column) in batch.columns.enumerated() {
        let gathered = try block.column(column.name, rows: some)
        for (place, row) in some.enumerated() {
            let expected = ByteString(batch.value(row: row, column: position))
            guard gathered.value(place) != expected else { continue }
            Issue.record("\(context) \(column.name): row \(row) alone is \(gathered.value(place)), not \(expected)")
            break
        }
        let vector = try block.column(column.name)
        for row in 0..<batch.rowCount {
            let expected = ByteString(batch.value(row: row, column: position))
            let found = vector.value(row)
            guard found == expected else {
                let encoding = block.statistics(of: column.name)
                Issue.record(
                    "\(context) \(column.name) row \(row): \(expected) came back as \(found), \(encoding as Any)")
                break
            }
        }
    }
}
