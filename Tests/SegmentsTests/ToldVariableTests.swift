import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Messages that say again what fields of their rows say.
@Suite struct ToldVariableTests {
    /// In one row of `rowsPerException` the message says something else.
    private func rows(_ count: Int, seed: UInt64, rowsPerException: Int) -> RecordBatch {
        var random = SplitMix(seed: seed)
        return RecordBatch(
            rows: (0..<count).map { row in
                let isOdd = random.chance(rowsPerException)
                let (user, hash) = (random.below(90_000), random.hex(16))
                let took = "\(random.below(900)).\(1 + random.below(9))"
                let told = isOdd ? random.below(90_000) : user
                var fields = [("took", took), ("hash", hash), ("name", Self.names[random.below(40)])]
                let kind = random.below(5)
                if kind != 3 { fields.append(("user_id", "\(user)")) }
                switch kind {
                case 0: fields.append(("_msg", "user \(told) paid after \(took) ms"))
                case 1:
                    let steps = random.below(300)
                    fields.append(("_msg", "stored \(hash) of user \(told) (\(told)) in \(steps) steps"))
                case 2: fields.append(("_msg", "hello \(fields[2].1), user \(told)"))
                case 3: fields.append(("_msg", "object \(hash) is \(random.below(70_000)) bytes"))
                default: fields.append(("_msg", "text number \(row) without any"))
                }
                return (time: Int64(row) * 1_000_000, fields: fields)
            })
    }

    private static let names = (0..<40).map { "worker\(Character(UnicodeScalar(UInt8(97 + $0 % 26))))-\($0)" }

    /// As a segment is sealed: from a commit group, which keeps texts taken apart.
    private func sealed(_ batch: RecordBatch) throws -> [UInt8] {
        let group = try EncodedBlock(BlockEncoder(effort: .commit).encode(batch).bytes)
        let bytes = try #require(try SegmentWriter().encode([group]))
        let reader = try SegmentReader(SharedBytes(bytes))
        try reader.verify()
        return Array(bytes[try #require(reader.blocks.first).range])
    }

    @Test(arguments: [1, 20, 200, 3_000, 15_000])
    func messagesComeBack(rows count: Int) throws {
        for rowsPerException in [3, 900, Int.max] {
            let batch = rows(count, seed: UInt64(count), rowsPerException: rowsPerException)
            try expectSame(batch, sealed(batch), "\(count) rows, \(rowsPerException)")
        }
    }

    @Test func whatFieldsSayCostsNothingAgain() throws {
        let batch = rows(15_000, seed: 5, rowsPerException: .max)
        let block = try EncodedBlock(sealed(batch))
        let others = try EncodedBlock(sealed(rows(15_000, seed: 5, rowsPerException: 2)))
        // Seventeen bits of a user in three of five rows, and three of five rows say more of the same kind.
        #expect(block.byteCount(of: "_msg") + 15_000 < others.byteCount(of: "_msg"))
        // Hashes and times are told in both.
        #expect(others.byteCount(of: "_msg") < 15_000 * 5)
    }

    /// Parts, words and the texts themselves answer as if every variable were kept.
    @Test func templatesAreSeenInTheirParts() throws {
        let batch = rows(6_000, seed: 7, rowsPerException: 2_000)
        let block = try EncodedBlock(sealed(batch))
        let position = try #require(batch.columnIndex("_msg"))
        let column = try #require(try block.templateColumn("_msg"))
        for (row, text) in try joinedTexts(of: column).enumerated() {
            let expected = ByteString(batch.value(row: row, column: position))
            #expect(text == expected)
            for word in expected.string.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
                #expect(block.mayContain(word: ByteString(String(word)), in: "_msg"), "\(word)")
            }
        }
    }

    /// The same few rows of messages and fields, in any order, more rows than are kept, and those of another block.
    @Test func fewRowsOfManyBlocks() throws {
        var random = SplitMix(seed: 11)
        let batches = (0..<3).map { rows(3_000, seed: 20 + $0, rowsPerException: .max) }
        let blocks = try batches.map { try EncodedBlock(sealed($0)) }
        for _ in 0..<200 {
            let which = random.below(3)
            let count = 1 + random.below(random.chance(4) ? 600 : 12)
            let wanted = Set((0..<count).map { _ in random.below(3_000) }).sorted()
            let batch = batches[which]
            let column = batch.columns[random.below(batch.columns.count)]
            let position = try #require(batch.columnIndex(column.name))
            let values = try blocks[which].column(column.name, rows: wanted)
            for (place, row) in wanted.enumerated() {
                let expected = ByteString(batch.value(row: row, column: position))
                #expect(values.value(place) == expected, "row \(row) of \(column.name)")
            }
        }
    }

    /// A variable that is said to stand in no column, in the message itself, or elsewhere: an error that names the
    /// place, or other values, and never a crash.
    @Test func damagedMessagesAnswerWithoutCrashing() throws {
        let batch = rows(2_500, seed: 13, rowsPerException: .max)
        let bytes = try sealed(batch)
        let place = try section(of: "_msg", in: bytes)
        let own = try #require(EncodedBlock(bytes).columnNames.firstIndex(of: "_msg"))
        let some = Array(stride(from: 3, to: 2_500, by: 101))
        var random = SplitMix(seed: 17)
        var refused = 0
        for round in 0..<600 {
            var damaged = bytes
            // Variables stand at the end of the column; a told one is its number and a position.
            let at = place.lowerBound + random.below(place.count)
            let isTold = round % 2 == 0
            let told = place.dropLast().filter { bytes[$0] == ColumnEncoding.told.rawValue && bytes[$0 - 1] == 2 }
            if isTold, let chosen = told.randomElement(using: &random) {
                damaged[chosen + 1] = [UInt8(own), 100, UInt8(random.below(8))][random.below(3)]
            } else {
                damaged[at] = UInt8(random.below(256))
            }
            try repairChecksums(of: place, in: &damaged, from: bytes)
            let block = try EncodedBlock(damaged)
            do {
                _ = try block.column("_msg")
            } catch let error as CorruptionError {
                #expect(place.contains(error.offset) || error.offset == place.upperBound, "\(error)")
                refused += 1
            }
            _ = try? block.column("_msg", rows: some)
            _ = try? block.column("user_id", rows: some)
            if let column = try? block.templateColumn("_msg") {
                for template in 0..<column.templateCount {
                    for variable in 0..<column.variableCount(of: template) {
                        _ = try? column.variable(variable, of: template)
                    }
                }
            }
        }
        #expect(refused > 100)
    }
}
