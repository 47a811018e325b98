import Bytes
import Foundation
import Records
import Segments
import TestSupport
import Testing

/// Commit groups hold messages taken apart, and sealing takes them from there: whatever is in them, each comes back,
/// and what is sealed is the same as from whole texts.
@Suite struct SplitTextTests {
    /// Messages of few kinds, each third column with rows that have none, in groups that overlap in time.
    private func batches(_ count: Int, rows: Int, _ random: inout SplitMix) -> [RecordBatch] {
        let columns: [(name: String, kinds: [ValueKind], missing: Int)] = [
            ("_msg", [.messages], 0), ("error", [.messages, .headed], 4), ("note", [.headed, .rareMessages], 0),
            ("plain", [.messages, .word], 30), ("line", [.headed], 0),
        ]
        return (0..<count).map { group in
            var batch = RecordBatch(times: (0..<rows).map { Int64($0 * count + group) * 1_000 })
            for column in columns {
                var slices: [RecordBatch.Slice] = []
                for row in 0..<rows {
                    let isMissing = column.missing > 0 && random.chance(column.missing)
                    let kind = column.kinds[random.below(column.kinds.count)]
                    var value = isMissing ? "" : kind.value(row, &random)
                    // Longer than a byte counts.
                    if random.chance(400) { value += " of session=" + String(repeating: "x", count: 300) }
                    slices.append(.init(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count)))
                    batch.arena.append(contentsOf: value.utf8)
                }
                batch.columns.append(.init(name: ByteString(column.name), slices: slices))
            }
            return batch
        }
    }

    private func texts(_ segment: SegmentReader) throws -> [String] {
        var lines: [String] = []
        for block in segment.blocks {
            let times = try block.times()
            let columns = try block.columnNames.sorted().map { ($0.string, try block.column($0)) }
            for row in 0..<block.rowCount {
                let fields = columns.map { "\($0.0)=\($0.1.value(row).string)" }.filter { !$0.hasSuffix("=") }
                lines.append("\(times[row]) " + fields.joined(separator: "\t"))
            }
        }
        return lines
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func sealingFromPartsIsSealingFromTexts(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let rows = [520, 900, 3_000][random.below(3)]
        let batches = batches(1 + random.below(4), rows: rows, &random)
        let groups = try batches.map { try EncodedBlock(BlockEncoder(effort: .commit).encode($0).bytes) }
        for (batch, group) in zip(batches, groups) {
            try expectSame(batch, Array(BlockEncoder(effort: .commit).encode(batch).bytes), "seed \(seed)")
            #expect(group.statistics(of: "_msg")?.encoding == .text)
        }
        let writer = SegmentWriter(rowsPerBlock: [300, 1_500, 20_480][random.below(3)])
        let fromGroups = try #require(try writer.encode(groups))
        let fromTexts = try #require(try writer.encode(batches.map { BatchBlock($0) }))
        let sealed = try SegmentReader(SharedBytes(fromGroups), file: "groups")
        try sealed.verify()
        let whole = try SegmentReader(SharedBytes(fromTexts), file: "texts")
        #expect(try texts(sealed) == texts(whole), "seed \(seed)")
        #expect(Double(fromGroups.count) < Double(fromTexts.count) * 1.03, "seed \(seed)")
        // Whoever looks for a word finds the block that has it.
        for block in sealed.blocks {
            for name in block.columnNames {
                let column = try block.column(name)
                for row in stride(from: 0, to: block.rowCount, by: 101) {
                    let words = column.value(row).string.utf8.split { byte in
                        let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                        let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                        return !isLetter && !isDigit && byte != UInt8(ascii: "_")
                    }
                    for word in words {
                        let isFound = block.mayContain(word: ByteString(Array(word)), in: name)
                        #expect(isFound, "seed \(seed): \(String(word) ?? "") in \(name)")
                    }
                }
            }
        }
    }

    /// The variables of a group stand one behind the other, row by row.
    @Test func groupsHoldTextsApart() throws {
        let rows = (0..<600).map { row -> (time: Int64, fields: [(String, String)]) in
            let message = "order \(1_000 + row) of user u\(row * 7_919)x took \(row % 90 + 10) ms"
            return (time: Int64(row), fields: [("_msg", message)])
        }
        let bytes = BlockEncoder(effort: .commit).encode(RecordBatch(rows: rows)).bytes
        let expected = rows[..<40].flatMap { row in
            row.fields[0].1.split(separator: " ").filter { $0.contains(where: \.isNumber) }
        }.joined()
        #expect(String(decoding: bytes, as: UTF8.self).contains(expected))
        #expect(bytes.count < 600 * 20)
    }

    /// Damage that a checksum does not see must not stop the program.
    @Test func damagedPartsAreErrors() throws {
        var random = SplitMix(seed: 7)
        let batch = batches(1, rows: 600, &random)[0]
        let bytes = BlockEncoder(effort: .commit).encode(batch).bytes
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<(1 + random.below(3)) { damaged[random.below(damaged.count)] ^= UInt8(1 << random.below(8)) }
            guard let block = try? EncodedBlock(damaged) else { continue }
            for name in block.columnNames { _ = try? block.column(name) }
            _ = try? SegmentWriter().encode([block])
        }
    }

    /// A group as version 2 of the journal holds it. `PLUMB_WRITE_GOLDEN=1` writes it anew.
    @Test func groupsStayReadable() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Corpora/Formats")
        let file = folder.appendingPathComponent("group-2.bin")
        var random = SplitMix(seed: 2_026)
        let batch = batches(1, rows: 520, &random)[0]
        if ProcessInfo.processInfo.environment["PLUMB_WRITE_GOLDEN"] != nil {
            try Data(BlockEncoder(effort: .commit).encode(batch).bytes).write(to: file)
        }
        try expectSame(batch, Array(Data(contentsOf: file)), "golden")
    }
}
