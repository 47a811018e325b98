import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Columns that the kind of a row, as its message tells it, decides altogether or in part.
@Suite struct KindedColumnTests {
    /// Rows of `kinds` kinds of messages. What a kind says of each field comes from its number: always the same, one of
    /// a few, of many, none, or sometimes none; a few rows in `rowsPerException` do as they like.
    private func rows(_ count: Int, kinds: Int, seed: UInt64, rowsPerException: Int = 400) -> RecordBatch {
        var random = SplitMix(seed: seed)
        return RecordBatch(
            rows: (0..<count).map { row in
                let kind = random.below(kinds)
                let decided = random.chance(rowsPerException) ? random.below(kinds) : kind
                let words = "\(Self.words[kind % 8]) \(Self.words[kind / 8 % 8])"
                var fields = [("_msg", "\(words) took \(random.below(5_000))")]
                fields.append(("route", "/v1/\(Self.words[decided % 8])"))
                fields.append(("pod", "pod-\(decided % 4)-\(random.below(1 + decided % 5))"))
                if decided % 3 != 0 { fields.append(("status", random.chance(9) ? "500" : "200")) }
                if decided % 5 == 1 { fields.append(("tokens", "\(random.below(90_000))")) }
                if decided % 5 == 2, !random.chance(3) { fields.append(("cost", "0.\(1 + random.below(900))")) }
                if decided % 2 == 0 { fields.append(("request_id", random.hex(32))) }
                if decided % 4 == 3 { fields.append(("plan", "team")) }
                return (time: Int64(row), fields: fields)
            })
    }

    private static let words = ["get", "put", "list", "login", "search", "index", "export", "delete"]

    @Test(arguments: [EncodingEffort.seal, .packed], [1, 2, 9, 100, 900, 9_000])
    func columnsOfKindsComeBack(effort: EncodingEffort, rows count: Int) throws {
        for kinds in [1, 2, 7, 40] {
            let batch = rows(count, kinds: kinds, seed: UInt64(count + kinds))
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "\(effort) \(count) \(kinds)")
        }
    }

    @Test func whatTheKindDecidesCostsLittle() throws {
        let batch = rows(9_000, kinds: 16, seed: 3, rowsPerException: .max)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        #expect(block.byteCount(of: "route") < 300)
        #expect(block.byteCount(of: "plan") < 300)
        // One of three pods at the mean, a bit and a half a row, where all twenty take four.
        #expect(block.byteCount(of: "pod") < 9_000 * 2 / 8)
        // Seventeen bits for each of the numbers and nothing for where they stand.
        #expect(block.byteCount(of: "tokens") < 9_000 * 3 / 16 * 17 / 8 + 300)
    }

    /// Without messages, a column of few values tells the kinds.
    @Test func otherColumnsTellKindsToo() throws {
        var random = SplitMix(seed: 5)
        let batch = RecordBatch(
            rows: (0..<6_000).map { row in
                let service = random.below(6)
                var fields = [("service", Self.words[service]), ("pod", "\(Self.words[service])-\(random.below(3))")]
                fields.append(("zone", "zone-\(service * 3 + random.below(3))"))
                if service > 2 { fields.append(("size", "\(random.below(70_000))")) }
                return (time: Int64(row), fields: fields)
            })
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        try expectSame(batch, bytes, "no messages")
    }

    @Test func nativeColumnsAreTheSame() throws {
        let batch = rows(5_000, kinds: 30, seed: 11)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for (position, column) in batch.columns.enumerated() {
            guard let native = try block.nativeColumn(column.name) else { continue }
            for row in 0..<batch.rowCount {
                let expected = ByteString(batch.value(row: row, column: position))
                let found = value(native, row)
                guard found != expected else { continue }
                Issue.record("\(column.name) row \(row): \(expected) came back as \(found)")
                break
            }
        }
    }

    private func value(_ column: NativeColumn, _ row: Int) -> ByteString {
        switch column {
        case .constant(let value): return value
        case .coded(let codes, let values, let hasMissing):
            let texts = values.texts()
            if hasMissing, codes[row] == texts.count { return ByteString("") }
            return texts.value(codes[row])
        case .plain(let values, let presence):
            guard let presence else { return values.texts().value(row) }
            return presence.contains(row) ? values.texts().value(presence.rank(of: row)) : ByteString("")
        }
    }

    @Test func identifiersOfSomeKindsAreFound() throws {
        let batch = rows(3_000, kinds: 24, seed: 13)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        let position = try #require(batch.columnIndex("request_id"))
        for row in stride(from: 0, to: batch.rowCount, by: 7) {
            let id = ByteString(batch.value(row: row, column: position))
            guard !id.isEmpty else { continue }
            #expect(try block.rows(withIdentifier: id) == [row])
        }
        #expect(try block.rows(withIdentifier: ByteString(String(repeating: "0", count: 32))) == [])
    }

    /// Damage that checksums let pass, as a program's mistake would: an error or other values, never a crash.
    @Test func damagedColumnsAnswerWithoutCrashing() throws {
        let batch = rows(1_200, kinds: 12, seed: 17)
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        let some = Array(stride(from: 3, to: 1_200, by: 101))
        let names = try EncodedBlock(bytes).columnNames.filter { $0 != "_msg" }
        var random = SplitMix(seed: 19)
        for _ in 0..<600 {
            var damaged = bytes
            var place = 0
            let name = names[random.below(names.count)]
            let section = try section(of: name, in: bytes)
            for _ in 0...random.below(3) {
                place = section.lowerBound + min(random.below(24) * random.below(24), section.count - 1)
                damaged[place] = UInt8(random.below(256))
            }
            try repairChecksums(of: section, in: &damaged, from: bytes)
            let block = try EncodedBlock(damaged)
            for name in names {
                _ = try? block.column(name)
                _ = try? block.column(name, rows: some)
                _ = try? block.nativeColumn(name)
            }
            _ = try? block.rows(withIdentifier: ByteString(String(repeating: "5", count: 32)))
        }
    }
}
