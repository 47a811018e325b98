import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Values that stand in several places of a block and are stored once.
@Suite struct SharedValueTests {
    private func uuid(_ random: inout SplitMix, upperCase: Bool = false) -> String {
        let hex = random.hex(32, upperCase: upperCase)
        var parts: [Substring] = []
        var start = hex.startIndex
        for length in [8, 4, 4, 4, 12] {
            let end = hex.index(start, offsetBy: length)
            parts.append(hex[start..<end])
            start = end
        }
        return parts.joined(separator: "-")
    }

    /// Documents that several messages in a row speak of, by UUID and by hash.
    private func documents(rows: Int, kinds: Int, seed: UInt64) -> RecordBatch {
        var random = SplitMix(seed: seed)
        var recent = (0..<8).map { _ in (uuid(&random), random.hex(40)) }
        return RecordBatch(
            rows: (0..<rows).map { row in
                if random.chance(4) { recent[random.below(8)] = (uuid(&random), random.hex(40)) }
                let (id, hash) = recent[random.below(8)]
                let other = recent[random.below(8)].0
                let message =
                    switch random.below(kinds) {
                    case 0: "document \(id) opened by user \(random.below(900))"
                    case 1: "document \(id) saved as \(hash) in \(random.below(90)) ms"
                    case 2: "moved \(id) behind \(other)"
                    case 3: "blob \(hash) read"
                    case 4: "nothing to do for \(random.below(50)) seconds"
                    default: "rare \(row) text [\(id)]x\(uuid(&random, upperCase: true))"
                    }
                return (time: Int64(row), fields: [("_msg", message)])
            })
    }

    @Test(arguments: [1, 20, 300, 4_000], [1, 2, 4, 6])
    func identifiersInsideTextsComeBack(rows: Int, kinds: Int) throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let batch = documents(rows: rows, kinds: kinds, seed: seed)
            try expectSame(batch, BlockEncoder(effort: .seal).encode(batch).bytes, "seed \(seed)")
        }
    }

    @Test func identifiersInsideTextsAreStoredOnce() throws {
        let batch = documents(rows: 4_000, kinds: 5, seed: 7)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        // About a thousand documents of 16 and 20 bytes, and a few bytes a row for the rest.
        #expect(block.byteCount(of: "_msg") < 1_100 * 36 + 4_000 * 5)
        let column = try #require(try block.templateColumn("_msg"))
        for (row, text) in try joinedTexts(of: column).enumerated() {
            #expect(text == ByteString(batch.value(row: row, column: 0)))
        }
    }

    /// Variables of many kinds of lines that mean the same share a column, and lines come back from their parts.
    @Test(arguments: [EncodingEffort.seal, .packed], [40, 900, 20_000])
    func headsOfLinesAreShared(effort: EncodingEffort, rows: Int) throws {
        let batch = randomBatch(rows: rows, kinds: [.headed], seed: UInt64(rows))
        let bytes = BlockEncoder(effort: effort).encode(batch).bytes
        try expectSame(batch, bytes, "\(effort), \(rows) rows")
        let block = try EncodedBlock(bytes)
        let name = block.columnNames[0]
        guard let column = try block.templateColumn(name) else { return #expect(rows < 900) }
        for (row, text) in try joinedTexts(of: column).enumerated() {
            guard text != ByteString(batch.value(row: row, column: 0)) else { continue }
            Issue.record("row \(row) is \(text.string)")
            return
        }
    }

    /// Times that are far from each other to the microsecond: seconds ascend, fractions do not.
    @Test(arguments: [EncodingEffort.seal, .packed], [3, 30, 5_000])
    func fractionsOfRareTimesStandApart(effort: EncodingEffort, rows: Int) throws {
        var random = SplitMix(seed: UInt64(rows))
        var time: Int64 = 1_709_210_000_000_000_000
        let batch = RecordBatch(
            rows: (0..<rows).map { row in
                if random.below(3) == 0 { time += Int64(random.below(90_000)) * 1_000_000_000 }
                let text = Timestamp(nanoseconds: time).description
                let fraction = "\(1_000_000 + random.below(1_000_000))".suffix(6)
                let dotted = text.dropFirst(11).prefix(8).replacing(":", with: ".")
                return (time: Int64(row), fields: [("at", "\(text.prefix(10))-\(dotted).\(fraction)")])
            })
        let bytes = BlockEncoder(effort: effort).encode(batch).bytes
        try expectSame(batch, bytes, "\(effort), \(rows) rows")
        let block = try EncodedBlock(bytes)
        if rows > 100 {
            #expect(block.statistics(of: "at")?.encoding == .digits)
            #expect(effort == .packed || block.byteCount(of: "at") < rows * 5)
        }
    }

    /// Lines that begin with their own time keep none; one that lies about it keeps all of them.
    @Test(arguments: [EncodingEffort.seal, .packed], [0, 1, 500])
    func linesTellTheTimeOfTheirRows(effort: EncodingEffort, liars: Int) throws {
        var random = SplitMix(seed: UInt64(liars))
        var time: Int64 = 1_709_210_000_000_000_000
        let batch = RecordBatch(
            rows: (0..<9_000).map { row in
                time += Int64(random.below(40_000)) * 1_000_000
                let told = row % 9_000 < liars ? time + 86_400_000_000_000 : time
                let text = Timestamp(nanoseconds: told).description
                let fraction = (told / 1_000_000 % 1_000 + 1_000).description.suffix(3)
                let head = "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)),\(fraction)"
                let rest = ["opened \(row)", "closed after \(random.below(50)) ms", "idle"][random.below(3)]
                return (time: time, fields: [("_msg", "\(head) INFO [main] \(rest)")])
            })
        let bytes = BlockEncoder(effort: effort).encode(batch).bytes
        try expectSame(batch, bytes, "\(effort)")
        let block = try EncodedBlock(bytes)
        let stored = block.byteCount(of: "_msg")
        if effort == .seal { #expect(liars > 0 || stored < 9_000 * 3 / 2, "\(stored) bytes") }
        let column = try #require(try block.templateColumn("_msg"))
        let first = try column.variable(0, of: Int(column.codes[0]) - 1)
        #expect(first.value(0).string == ByteString(batch.value(row: 0, column: 0)).string.prefix(10))
    }

    /// A clock time a row, and five digits of a second: what such a column holds, and little more.
    @Test func timesInTextsCostTheirDifferences() throws {
        let lines = randomBatch(rows: 20_000, kinds: [.clock], seed: 4)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(lines).bytes)
        #expect(block.byteCount(of: block.columnNames[0]) < 20_000 * 3)
        #expect(block.statistics(of: block.columnNames[0])?.encoding == .digits)
    }

    @Test func wordsOfUUIDsAreNeverDenied() throws {
        let batch = documents(rows: 12_000, kinds: 6, seed: 3)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for row in stride(from: 0, to: 12_000, by: 37) {
            let text = ByteString(batch.value(row: row, column: 0)).string
            for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
                #expect(block.mayContain(word: ByteString(String(word)), in: "_msg"), "\(word) of \(text)")
            }
        }
        var random = SplitMix(seed: 5)
        let strangers = (0..<500).filter { _ in block.mayContain(word: ByteString(uuid(&random)), in: "_msg") }
        #expect(strangers.count < 15, "\(strangers.count) of 500")
    }

    /// Spans of which some name others as their parents; `strangers` in 100 parents are spans of no row, `roots` in 100
    /// rows have no parent.
    private func spans(rows: Int, strangers: Int, roots: Int, seed: UInt64) -> RecordBatch {
        var random = SplitMix(seed: seed)
        let spans = (0..<rows).map { _ in random.hex(16) }
        return RecordBatch(
            rows: (0..<rows).map { row in
                let near = min(rows - 1, (row / 8 + 1) * 8 + random.below(2))
                let parent =
                    random.below(100) < roots ? "" : random.below(100) < strangers ? random.hex(16) : spans[near]
                let span = random.chance(50) ? "" : spans[row]
                return (time: Int64(row), fields: [("span_id", span), ("parent_span_id", parent), ("n", "\(row)")])
            })
    }

    @Test(arguments: [0, 5, 40, 100], [0, 20, 80])
    func parentsComeBack(strangers: Int, roots: Int) throws {
        for (seed, rows) in [3, 100, 5_000].enumerated() {
            let batch = spans(rows: rows, strangers: strangers, roots: roots, seed: UInt64(seed))
            let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
            try expectSame(batch, bytes, "\(rows) rows")
            let block = try EncodedBlock(bytes)
            try block.verify()
            if rows == 5_000, strangers <= 5, roots <= 20 {
                #expect(block.statistics(of: "parent_span_id")?.encoding == .referred)
                #expect(block.byteCount(of: "parent_span_id") < rows * 3)
            }
            for row in stride(from: 0, to: rows, by: 1 + rows / 40) {
                for column in 0...1 {
                    let id = ByteString(batch.value(row: row, column: column))
                    if id.isEmpty { continue }
                    let expected = (0..<rows).filter { other in
                        (0...1).contains { ByteString(batch.value(row: other, column: $0)) == id }
                    }
                    #expect(try block.rows(withIdentifier: id) == expected)
                }
            }
        }
    }

    /// A reference to what is itself a dictionary, with its gaps: several records of one span.
    @Test func parentsOfRepeatedSpansComeBack() throws {
        var random = SplitMix(seed: 12)
        let spans = (0..<900).map { _ in random.hex(16) }
        let batch = RecordBatch(
            rows: (0..<4_000).map { row in
                let span = random.chance(9) ? "" : spans[min(899, row / 5 + random.below(10))]
                let parent = random.chance(6) ? "" : spans[min(899, row / 5 + random.below(30))]
                return (time: Int64(row), fields: [("span_id", span), ("parent_span_id", parent)])
            })
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        try expectSame(batch, bytes, "repeated spans")
        for row in stride(from: 1, to: 4_000, by: 211) {
            let id = ByteString(batch.value(row: row, column: 1))
            if id.isEmpty { continue }
            let expected = (0..<4_000).filter { other in
                (0...1).contains { ByteString(batch.value(row: other, column: $0)) == id }
            }
            #expect(try EncodedBlock(bytes).rows(withIdentifier: id) == expected)
        }
    }

    /// UUIDs of one version have a digit in common: most bytes stand raw, some are planes.
    @Test func versionedUUIDsAreFound() throws {
        var random = SplitMix(seed: 2)
        let batch = RecordBatch(
            rows: (0..<3_000).map { row in
                var id = Array(uuid(&random))
                id[14] = "4"
                id[19] = ["8", "9", "a", "b"][random.below(4)]
                return (time: Int64(row), fields: [("request_id", String(id))])
            })
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        try expectSame(batch, bytes, "version 4")
        let block = try EncodedBlock(bytes)
        #expect(block.byteCount(of: "request_id") < 3_000 * 16)
        for row in stride(from: 0, to: 3_000, by: 97) {
            let id = ByteString(batch.value(row: row, column: 0))
            #expect(try block.rows(withIdentifier: id) == [row])
            #expect(try block.rows(withIdentifier: ByteString(id.string.uppercased())) == [row])
        }
    }

    /// Dates and counters that look like hex of one width: no byte position is random, so all become planes.
    @Test(arguments: [6, 7, 16]) func hexWithoutAnyRandomPositionComesBack(digits: Int) throws {
        let batch = RecordBatch(
            rows: (0..<500).map { row in
                let tail = "\(8_100 + row / 40)"
                let value = String(repeating: "0", count: digits - 4) + tail
                return (time: Int64(row), fields: [("trace_id", value), ("_msg", "\(value) day \(row % 7) of a week")])
            })
        let bytes = BlockEncoder(effort: .seal).encode(batch).bytes
        try expectSame(batch, bytes, "\(digits) digits")
        try EncodedBlock(bytes).verify()
        let distinct = RecordBatch(
            rows: (0..<500).map { row in
                let ending = (0..<4).map { "ab".map(String.init)[row >> $0 & 1] }.joined()
                let middle = String(repeating: "0", count: max(0, digits - 6)) + "\(10 + row % 8)"
                return (time: Int64(row), fields: [("_msg", "at \(middle)\(ending) x"), ("span_id", middle + ending)])
            })
        let others = BlockEncoder(effort: .seal).encode(distinct).bytes
        try expectSame(distinct, others, "\(digits) digits, distinct")
        for row in stride(from: 0, to: 500, by: 61) {
            let id = ByteString(distinct.value(row: row, column: 1))
            let expected = (0..<500).filter { ByteString(distinct.value(row: $0, column: 1)) == id }
            #expect(try EncodedBlock(others).rows(withIdentifier: id) == expected)
        }
    }
}
