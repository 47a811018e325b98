import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Columns that say what others of their rows say: under another name, with exceptions, or inside longer texts.
@Suite struct RepeatedColumnTests {
    /// One row in `rowsPerException` does not repeat.
    private func rows(_ count: Int, seed: UInt64, rowsPerException: Int = 200) -> RecordBatch {
        var random = SplitMix(seed: seed)
        return RecordBatch(
            rows: (0..<count).map { row in
                let isOdd = random.chance(rowsPerException)
                let (pid, id, size) = (random.below(60_000), random.hex(32), random.below(90_000))
                let method = ["GET", "POST", "PUT", "DELETE"][random.below(4)]
                let path = "/v1/\(Self.words[random.below(6)])/\(random.below(70_000))"
                let address = "10.\(random.below(9)).\(random.below(250)).\(random.below(250))"
                var fields = [("pid", "\(pid)"), ("syslog_pid", isOdd ? "none" : "\(pid)")]
                fields += [("request_id", id), ("correlation_id", isOdd ? random.hex(32) : id)]
                fields += [("method", method), ("path", path)]
                fields.append(("request", isOdd ? "-" : "\(method) \(path) HTTP/\(1 + random.below(2))"))
                fields += [("address", address), ("forwarded", "\(address), 172.16.0.\(random.below(200))")]
                if random.chance(5) { fields.append(("failed_path", isOdd ? "/other" : path)) }
                if !random.chance(4) { fields.append(("bytes", "\(size)")) }
                if !isOdd, fields.contains(where: { $0.0 == "bytes" }) { fields.append(("sent", "\(size)")) }
                fields.append(("_msg", "\(Self.words[random.below(6)]) took \(random.below(900))"))
                return (time: Int64(row), fields: fields)
            })
    }

    private static let words = ["orders", "users", "carts", "items", "stock", "prices"]

    @Test(arguments: [EncodingEffort.seal, .packed], [1, 3, 20, 300, 6_000])
    func columnsComeBack(effort: EncodingEffort, rows count: Int) throws {
        for rowsPerException in [7, 40, 300, Int.max] {
            let seed = UInt64(count &+ rowsPerException & 0xFFFF)
            let batch = rows(count, seed: seed, rowsPerException: rowsPerException)
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "\(effort) \(rowsPerException)")
        }
    }

    @Test func whatOthersSayCostsLittle() throws {
        let batch = rows(6_000, seed: 2)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for name: ByteString in ["request", "forwarded", "failed_path"] {
            #expect(block.statistics(of: name)?.encoding == .same, "\(name)")
        }
        // Of two equal columns either may be the one that is kept.
        for (one, other): (ByteString, ByteString) in [
            ("pid", "syslog_pid"), ("request_id", "correlation_id"), ("bytes", "sent"),
        ] {
            #expect(min(block.byteCount(of: one), block.byteCount(of: other)) < 2_400, "\(one)")
        }
        // A bit a row for the protocol.
        #expect(block.byteCount(of: "request") < 6_000 / 8 + 600)
        #expect(block.byteCount(of: "forwarded") < 6_000 * 9 / 8)
        #expect(block.byteCount(of: "failed_path") < 6_000 / 8 + 200)
    }

    /// Native forms, words and identifiers answer as if the column were kept.
    @Test func readersSeePlainColumns() throws {
        for rowsPerException in [150, Int.max] {
            let batch = rows(6_000, seed: 3, rowsPerException: rowsPerException)
            let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
            for (position, column) in batch.columns.enumerated() {
                let native = try block.nativeColumn(column.name)
                let value = native.map(NativeTexts.init)
                for row in stride(from: 0, to: batch.rowCount, by: 7) {
                    let expected = ByteString(batch.value(row: row, column: position))
                    if let value { #expect(value[row] == expected, "\(column.name) row \(row)") }
                    for word in expected.string.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
                        #expect(block.mayContain(word: ByteString(String(word)), in: column.name), "\(column.name)")
                    }
                }
            }
            let (one, other) = try (
                #require(batch.columnIndex("request_id")), #require(batch.columnIndex("correlation_id"))
            )
            for row in 0..<batch.rowCount where row % 31 == 0 || differs(batch, row, one, other) {
                for column in [one, other] {
                    #expect(try block.rows(withIdentifier: ByteString(batch.value(row: row, column: column))) == [row])
                }
            }
        }
    }

    private func differs(_ batch: RecordBatch, _ row: Int, _ one: Int, _ other: Int) -> Bool {
        ByteString(batch.value(row: row, column: one)) != ByteString(batch.value(row: row, column: other))
    }

    /// Sealed blocks that repeat are merged with others that do not.
    @Test func mergesKeepEveryValue() throws {
        let parts = (0..<3).map { rows(900, seed: UInt64(5 + $0), rowsPerException: $0 == 1 ? 2 : 100) }
        let blocks = try parts.map { try EncodedBlock(BlockEncoder(effort: .seal).encode($0).bytes) }
        let bytes = try #require(try SegmentWriter(rowsPerBlock: 4_000).encode(blocks))
        let reader = try SegmentReader(SharedBytes(bytes))
        try reader.verify()
        let block = try #require(reader.blocks.first)
        #expect(block.rowCount == 2_700)
        for name in block.columnNames {
            let vector = try block.column(name)
            var found: [String: Int] = [:]
            let times = try block.times()
            for row in 0..<block.rowCount { found["\(times[row]) \(vector.value(row).string)", default: 0] += 1 }
            for part in parts {
                guard let position = part.columnIndex(name) else { continue }
                for row in 0..<part.rowCount {
                    let value = ByteString(part.value(row: row, column: position)).string
                    found["\(part.times[row]) \(value)", default: 0] -= 1
                }
            }
            #expect(found.values.allSatisfy { $0 == 0 }, "\(name)")
        }
    }

    /// A column that is said to repeat itself, another repetition, one derived from it or none.
    @Test func circlesAreRefused() throws {
        let batch = rows(2_000, seed: 7)
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        let names = try EncodedBlock(bytes).columnNames
        for name: ByteString in ["request", "failed_path"] {
            let place = try section(of: name, in: bytes)
            for other in 0..<UInt8(names.count + 2) {
                var damaged = bytes
                damaged[place.lowerBound + 2] = other
                try repairChecksums(of: place, in: &damaged, from: bytes)
                let block = try EncodedBlock(damaged)
                let isSound = other < names.count && block.statistics(of: names[Int(other)])?.encoding != .same
                if isSound {
                    _ = try? block.column(name)
                    continue
                }
                #expect(throws: CorruptionError.self) { try block.column(name) }
                #expect(throws: CorruptionError.self) { try block.column(name, rows: [5]) }
                let error = #expect(throws: CorruptionError.self) { try block.nativeColumn(name) }
                #expect(error.map { place.contains($0.offset) } ?? false)
            }
        }
    }

    /// Damage that checksums let pass, as a program's mistake would: an error or other values, never a crash.
    @Test func damagedColumnsAnswerWithoutCrashing() throws {
        let batch = rows(1_500, seed: 11, rowsPerException: 60)
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        let some = Array(stride(from: 3, to: 1_500, by: 101))
        let original = try EncodedBlock(bytes)
        let names = original.columnNames.filter { original.statistics(of: $0)?.encoding == .same }
        #expect(names.count >= 5)
        var random = SplitMix(seed: 13)
        for _ in 0..<800 {
            var damaged = bytes
            let name = names[random.below(names.count)]
            let section = try section(of: name, in: bytes)
            for _ in 0...random.below(3) {
                let place = section.lowerBound + min(random.below(16) * random.below(16), section.count - 1)
                damaged[place] = UInt8(random.below(256))
            }
            try repairChecksums(of: section, in: &damaged, from: bytes)
            let block = try EncodedBlock(damaged)
            _ = try? block.column(name)
            _ = try? block.column(name, rows: some)
            _ = try? block.nativeColumn(name)
            _ = block.mayContain(word: "orders", in: name)
            _ = try? block.rows(withIdentifier: ByteString(String(repeating: "5", count: 32)))
        }
    }
}

/// The values of a native column as texts.
private struct NativeTexts {
    private let column: NativeColumn
    private let texts: StringColumn

    init(_ column: NativeColumn) {
        self.column = column
        switch column {
        case .constant(let value): texts = StringColumn([value])
        case .coded(_, let values, _), .plain(let values, _): texts = values.texts()
        }
    }

    subscript(row: Int) -> ByteString {
        switch column {
        case .constant: return texts.value(0)
        case .coded(let codes, _, let hasMissing):
            return hasMissing && codes[row] == texts.count ? ByteString("") : texts.value(codes[row])
        case .plain(_, nil): return texts.value(row)
        case .plain(_, let presence?):
            return presence.contains(row) ? texts.value(presence.rank(of: row)) : ByteString("")
        }
    }
}
