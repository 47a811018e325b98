import Bytes
import Machine
import Records
import Segments
import Testing

/// Columns that nobody has called IDs, and whose values are such.
@Suite struct IdentifierColumnTests {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let fields = [
        "ulid", "charge", "activity", "urn", "tweet_id", "query_id", "pod", "path", "sometimes",
    ]

    private func random(_ length: Int, of letters: Int, _ random: inout SeededRandom) -> String {
        let bytes = (0..<length).map { _ in Self.alphabet[Int.random(in: 0..<letters, using: &random)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func uuid(_ random: inout SeededRandom) -> String {
        let hex = self.random(32, of: 16, &random)
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { Array(hex.utf8)[$0] }
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    private func batch(rows: Int, seed: UInt64) -> RecordBatch {
        var random = SeededRandom(seed: seed)
        return RecordBatch(
            rows: (0..<rows).map { row in
                var fields = [
                    ("ulid", "01" + self.random(24, of: 32, &random)),
                    ("charge", "ch_" + self.random(22, of: 62, &random)),
                    ("activity", "{" + uuid(&random) + "}"), ("urn", "urn:uuid:" + uuid(&random).lowercased()),
                    ("tweet_id", "\(2_124_382_366_813_212_673 + row * 7_919)"), ("duration", "\(row % 97)"),
                    ("query_id", "\((6_671_691_836_575_194_448 + Int64(row) * 7_919) * (row % 2 == 0 ? 1 : -1))"),
                    ("pod", "payment-7d9f8b6c5d-x2k9\(row % 3)"),
                    ("path", "/orders/\(self.random(16, of: 62, &random))"),
                ]
                if row % 5 == 0 { fields.append(("sometimes", self.random(27, of: 62, &random))) }
                return (Int64(row) * 1_000, fields)
            })
    }

    @Test(arguments: [EncodingEffort.commit, .seal], [1, 30, 5_000])
    func areFoundByTheirValues(effort: EncodingEffort, rows: Int) throws {
        let batch = batch(rows: rows, seed: 5)
        let block = try EncodedBlock(BlockEncoder(effort: effort).encode(batch).bytes)
        for (position, column) in batch.columns.enumerated() where Self.fields.contains(column.name.string) {
            for row in stride(from: 0, to: rows, by: max(1, rows / 40)) {
                let value = ByteString(batch.value(row: row, column: position))
                guard value.count > 0 else { continue }
                let found = try #require(try block.rows(withIdentifier: value))
                #expect(found.contains(row) == (column.name != "path"), "\(column.name) \(value)")
            }
        }
    }

    @Test func uuidsAreFoundWhateverIsAroundThem() throws {
        let batch = batch(rows: 3_000, seed: 6)
        let bytes = try #require(
            try SegmentWriter().encode([EncodedBlock(BlockEncoder(effort: .commit).encode(batch).bytes)]))
        let segment = try SegmentReader(SharedBytes(bytes), file: "test")
        try segment.verify()
        let position = try #require(batch.columns.firstIndex { $0.name == "activity" })
        for row in [0, 1_234, 2_999] {
            let text = ByteString(batch.value(row: row, column: position)).string
            let inner = String(text.dropFirst().dropLast())
            for form in [text, text.lowercased(), inner, inner.replacing("-", with: ""), "urn:uuid:" + inner] {
                let found = try segment.rows(withIdentifier: ByteString(form))
                #expect(found.map(\.rows) == [[row]], "\(form)")
            }
        }
        #expect(try segment.rows(withIdentifier: "{00000000-0000-0000-0000-000000000000}").isEmpty)
    }

    /// Rows that come at every fourth place, few rows, fields that hold something else as well, parents that are 0.
    @Test func areFoundAmongRowsOfOtherKinds() throws {
        var random = SeededRandom(seed: 7)
        let rows = 24_000
        let batch = RecordBatch(
            rows: (0..<rows).map { row in
                func token() -> String { "01" + self.random(24, of: 32, &random) }
                var fields = [
                    ("who", row % 5 < 2 ? token() : "anonymous"),
                    ("parent_id", row % 7 == 0 ? "0" : "\(1_817_382_366_813_212_673 + row * 7_919)"),
                ]
                if row % 4 == 3 { fields.append(("fourth", token())) }
                if row % 10 == 9 { fields.append(("tenth", token())) }
                if Int.random(in: 0..<200, using: &random) == 0 { fields.append(("rare", token())) }
                return (Int64(row) * 1_000, fields)
            })
        // Commit groups of uneven sizes, then a segment of them.
        var groups: [EncodedBlock] = []
        var first = 0
        while first < rows {
            let last = min(rows, first + [1, 400, 3_000, 57][groups.count % 4])
            let part = (UInt32(first)..<UInt32(last)).map { $0 }
            groups.append(try EncodedBlock(BlockEncoder(effort: .commit).encode(batch, order: part).bytes))
            first = last
        }
        let bytes = try #require(try SegmentWriter().encode(groups))
        let segment = try SegmentReader(SharedBytes(bytes), file: "test")
        try segment.verify()
        for (position, column) in batch.columns.enumerated() {
            let values = (0..<rows).map { ByteString(batch.value(row: $0, column: position)) }.filter { $0.count > 9 }
            for value in stride(from: 0, to: values.count, by: max(1, values.count / 25)).map({ values[$0] }) {
                let found = try segment.rows(withIdentifier: value).reduce(0) { $0 + $1.rows.count }
                #expect(found == 1, "\(column.name) \(value)")
            }
        }
    }

    /// A machine decides its boot, but for a few rows, and the message which of a few jobs is meant or whether any is.
    @Test func areFoundInColumnsThatOthersDecide() throws {
        var random = SeededRandom(seed: 8)
        let rows = 12_000
        let jobs = (0..<40).map { _ in self.random(16, of: 16, &random).lowercased() }
        let boots = (0..<300).map { _ in uuid(&random) }
        let machines = (0..<400).map { _ in self.random(32, of: 16, &random).lowercased() }
        let batch = RecordBatch(
            rows: (0..<rows).map { row in
                let kind = Int.random(in: 0..<8, using: &random)
                let machine = Int.random(in: 0..<400, using: &random)
                let boot = boots[(machine + (row % 700 == 699 ? 1 : 0)) % 300]
                var fields = [("_msg", "step \(Self.steps[kind]) took \(row % 977) ms")]
                fields += [("machine_id", machines[machine]), ("boot_id", boot)]
                if kind > 2 { fields.append(("job_id", jobs[kind * 5 + Int.random(in: 0..<5, using: &random)])) }
                return (Int64(row) * 1_000, fields)
            })
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for name in ["boot_id", "job_id"] {
            #expect(block.statistics(of: ByteString(name))?.encoding == .derived, "\(name)")
            let position = try #require(batch.columns.firstIndex { $0.name.string == name })
            let values = (0..<rows).map { ByteString(batch.value(row: $0, column: position)) }
            for value in Set(values[660..<700]) where value.count > 0 {
                let expected = values.indices.filter { values[$0] == value }
                for form in [value.string.uppercased(), value.string.replacing("-", with: "")] {
                    let found = try #require(try block.rows(withIdentifier: ByteString(form)))
                    #expect(found == expected, "\(name) \(form)")
                }
            }
            #expect(try block.rows(withIdentifier: ByteString(uuid(&random))) == [])
        }
    }

    private static let steps = ["parse", "check", "store", "index", "merge", "close", "retry", "report"]
}
