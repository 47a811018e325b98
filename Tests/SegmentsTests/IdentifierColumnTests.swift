import Bytes
import Machine
import Records
import Segments
import Testing

/// Columns that nobody has called IDs, and whose values are such.
@Suite struct IdentifierColumnTests {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let fields = ["ulid", "charge", "activity", "urn", "tweet_id", "pod", "path", "sometimes"]

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
}
