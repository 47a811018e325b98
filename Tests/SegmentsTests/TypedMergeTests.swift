import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Groups hold a column as numbers, digits, codes or texts, each as it found it. However they are mixed, merging gives
/// every value back as it came.
@Suite struct TypedMergeTests {
    /// Kinds that a sender may mix in one column. Some agree in their form, some only nearly.
    private static let families: [[ValueKind]] = [
        [.integers, .negative, .hugeIntegers, .smallIntegers, .counters],
        [.integers, .fixedDecimals, .shortDecimals, .pythonDecimals, .smallIntegers],
        [.fixedDecimals], [.shortDecimals], [.pythonDecimals, .fixedDecimals], [.fixedDecimals, .nearDecimals],
        [.integers, .nearIntegers, .zeroPadded], [.hex16], [.hex16, .hexUpper], [.hex16, .hexMixed], [.hex32, .uuid],
        [.uuid, .uuidUpper, .nearUUID], [.recurringIDs, .hex32], [.hex16, .integers], [.oddHex, .hex16],
        [.ipv4, .nearIPv4], [.integers, .fewWords], [.hex16, .messages], [.messages], [.messages, .rareMessages],
        [.messages, .headed], [.headed, .prose], [.messages, .messages, .binaryish, .fewWords],
    ]

    /// Values of one source by column, "" where there is none.
    private struct Source {
        var times: [Int64]
        var columns: [[String]]
    }

    private func source(_ number: Int, of sources: Int, rows: Int, _ random: inout SplitMix) -> Source {
        var columns: [[String]] = []
        for family in Self.families {
            // Always, mostly, seldom, never, or the same value throughout.
            let presence = random.below(8)
            let kind = family[random.below(family.count)]
            let constant = kind.value(0, &random)
            columns.append(
                (0..<rows).map { row in
                    switch presence {
                    case 0: ""
                    case 1: constant
                    case 2: random.chance(12) ? kind.value(row, &random) : ""
                    case 3, 4: random.chance(9) ? "" : kind.value(row, &random)
                    default: kind.value(row, &random)
                    }
                })
        }
        // Times of all sources lie between one another, none of them twice, and not always ascending.
        var times = (0..<rows).map { Int64($0 * sources + number) * 1_000 }
        if number % 3 == 2 { times.swapAt(rows / 3, rows / 2) }
        return Source(times: times, columns: columns)
    }

    /// A span, and the span that called it: a row before, in any source.
    private func addSpans(_ sources: inout [Source], _ random: inout SplitMix) {
        var known: [String] = []
        for source in sources.indices {
            let spans = sources[source].times.map { _ in random.chance(40) ? "" : random.hex(16) }
            sources[source].columns.append(spans)
            known += spans.filter { !$0.isEmpty }
        }
        for source in sources.indices {
            sources[source].columns.append(
                sources[source].times.map { _ in
                    random.chance(6) ? "" : random.chance(20) ? random.hex(16) : known[random.below(known.count)]
                })
        }
    }

    private func block(_ source: Source) throws -> EncodedBlock {
        var batch = RecordBatch()
        batch.times = source.times
        for (position, values) in source.columns.enumerated() {
            var slices: [RecordBatch.Slice] = []
            for value in values {
                let empty = value.isEmpty
                let length = UInt32(value.utf8.count)
                slices.append(empty ? .missing : .init(offset: UInt32(batch.arena.count), length: length))
                batch.arena.append(contentsOf: value.utf8)
            }
            batch.columns.append(.init(name: ByteString("c\(position)"), slices: slices))
        }
        return try EncodedBlock(BlockEncoder(effort: .commit).encode(batch).bytes)
    }

    private func expectSame(_ segment: SegmentReader, _ sources: [Source], _ comment: Comment) throws {
        var expected: [Int64: (source: Int, row: Int)] = [:]
        for (number, source) in sources.enumerated() {
            for (row, time) in source.times.enumerated() { expected[time] = (number, row) }
        }
        #expect(segment.summary.rowCount == expected.count, comment)
        var last = Int64.min
        for block in segment.blocks {
            let times = try block.times()
            for column in sources[0].columns.indices {
                let vector = try block.column(ByteString("c\(column)"))
                for (row, time) in times.enumerated() {
                    let place = try #require(expected[time])
                    let value = sources[place.source].columns[column][place.row]
                    guard vector.value(row) != ByteString(value) else { continue }
                    Issue.record("\(comment): column \(column) at \(time): \(vector.value(row)), not \(value)")
                    return
                }
            }
            for time in times {
                #expect(time > last, comment)
                last = time
            }
        }
    }

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func mixedFormsComeBack(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let count = 1 + random.below(5)
        let rows = [20, 150, 700, 2_600][random.below(4)]
        var sources = (0..<count).map { source($0, of: count, rows: rows, &random) }
        addSpans(&sources, &random)
        let blocks = try sources.map { try block($0) }
        let writer = SegmentWriter(rowsPerBlock: [90, 1_000, 20_480][random.below(3)])
        let bytes = try #require(try writer.encode(blocks))
        let segment = try SegmentReader(SharedBytes(bytes), file: "mixed")
        try segment.verify()
        try expectSame(segment, sources, "seed \(seed)")
        // What was sealed is merged again with what was not.
        let order = Array(segment.blocks.dropFirst()) + [segment.blocks[0]]
        let again = try #require(try writer.encode(order))
        let merged = try SegmentReader(SharedBytes(again), file: "again")
        try expectSame(merged, sources, "seed \(seed), again")
        for (number, source) in sources.enumerated() {
            let row = source.times.count / 2
            let span = source.columns[Self.families.count][row]
            guard !span.isEmpty else { continue }
            let found = try merged.blocks.contains { try $0.findRows(withIdentifier: ByteString(span)).count > 0 }
            #expect(found, "seed \(seed), span of source \(number)")
        }
    }

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func joinedGroupsStandAsTheyCame(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let rows = [1, 3, 30, 256, 600][random.below(5)]
        let count = rows < 30 ? 64 : 2 + random.below(4)
        var sources = (0..<count).map { source($0, of: count, rows: rows, &random) }
        addSpans(&sources, &random)
        let blocks = try sources.map { try block($0) }
        let joined = try EncodedBlock(#require(try BlockEncoder(effort: .commit).join(blocks)).bytes)
        try joined.verify()
        #expect(try joined.times() == sources.flatMap(\.times))
        for column in sources[0].columns.indices {
            let name = ByteString("c\(column)")
            let vector = try joined.column(name)
            let expected = sources.flatMap { $0.columns[column] }
            let found = expected.indices.map { vector.value($0).string }
            #expect(found == expected, "seed \(seed), column \(column)")
            let statistics = joined.statistics(of: name)
            #expect((statistics?.rawBytes ?? 0) == expected.reduce(0) { $0 + $1.utf8.count })
            // A column without any value is not there.
            if let statistics { #expect(statistics.missing == expected.count { $0.isEmpty }) }
        }
        let spans = sources.flatMap { $0.columns[Self.families.count] }
        for (row, span) in spans.enumerated() where !span.isEmpty && row % 7 == 0 {
            #expect(try joined.findRows(withIdentifier: ByteString(span)).contains(row), "seed \(seed), row \(row)")
        }
    }
}
