import Bytes
import Foundation
import Records
import Segments
import TestSupport
import Testing

/// A segment written by an earlier version must stay readable: `Corpora/Formats/segment-N.bin`, and its rows as text
/// beside it. `PLUMB_WRITE_GOLDEN=1` writes those of the newest version anew, which only a new version number allows.
@Suite struct GoldenSegmentTests {
    private let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Corpora/Formats")

    private func text(_ reader: SegmentReader) throws -> String {
        var lines = ""
        for block in reader.blocks {
            let times = try block.times()
            let columns = try block.columnNames.map { ($0.string, try block.column($0)) }
            for row in 0..<block.rowCount {
                let fields = columns.map { "\($0.0)=\($0.1.value(row).string)" }.filter { !$0.hasSuffix("=") }
                lines += "\(times[row])\t" + fields.joined(separator: "\t") + "\n"
            }
        }
        return lines
    }

    private static let newest = 11
    /// The highest encoding number of each version. There are no versions 3, 5, 6, 9 and 10, of which one flipped bit
    /// would make another.
    private static let lastEncodings: [Int: UInt8] = [
        1: 11, 2: 13, 4: 16, 7: 19, 8: 19, newest: ColumnEncoding.allCases.map(\.rawValue).max()!,
    ]

    @Test(arguments: [1, 2, 4, 7, 8, newest]) func earlierVersionsStayReadable(version: Int) throws {
        let segmentFile = folder.appendingPathComponent("segment-\(version).bin")
        let textFile = folder.appendingPathComponent("segment-\(version).txt")
        if version == Self.newest, ProcessInfo.processInfo.environment["PLUMB_WRITE_GOLDEN"] != nil {
            let bytes = try #require(try SegmentWriter(rowsPerBlock: 200).encode([BatchBlock(sample())]))
            try Data(bytes).write(to: segmentFile)
            try Data(text(SegmentReader(SharedBytes(bytes))).utf8).write(to: textFile)
        }
        let reader = try SegmentReader(
            SharedBytes(Array(Data(contentsOf: segmentFile))), file: "segment-\(version).bin")
        try reader.verify()
        #expect(try text(reader) == String(decoding: Data(contentsOf: textFile), as: UTF8.self))
        let encodings = Set(reader.columnUsage().flatMap { $0.storedBytes.keys.map(\.outer) })
        // Some stand inside of templates only, and some under another's number in headers, one in commit
        // groups.
        let known = ColumnEncoding.allCases.filter {
            $0.rawValue <= Self.lastEncodings[version]! && ![.pooled, .same, .clock, .told].contains($0)
                && ![.split, .kinded, .kindedSparse].contains($0)
        }
        #expect(encodings.isSuperset(of: Set(known)), "\(encodings)")
    }

    /// Columns of more rows than a stretch, by frequencies, and columns that repeat others: a segment of its own since
    /// version 8.
    @Test(arguments: [8, newest]) func longBlocksStayReadable(version: Int) throws {
        let segmentFile = folder.appendingPathComponent("segment-\(version)-long.bin")
        let textFile = folder.appendingPathComponent("segment-\(version)-long.txt")
        if version == Self.newest, ProcessInfo.processInfo.environment["PLUMB_WRITE_GOLDEN"] != nil {
            let bytes = try #require(try SegmentWriter().encode([BatchBlock(longSample())]))
            try Data(bytes).write(to: segmentFile)
            try Data(text(SegmentReader(SharedBytes(bytes))).utf8).write(to: textFile)
        }
        let reader = try SegmentReader(
            SharedBytes(Array(Data(contentsOf: segmentFile))), file: "segment-\(version)-long.bin")
        try reader.verify()
        #expect(reader.blocks.count == 1)
        if version > 8 {
            #expect(["again", "some", "held"].allSatisfy { encoding(of: $0, in: reader) == .same })
        }
        #expect(try text(reader) == String(decoding: Data(contentsOf: textFile), as: UTF8.self))
    }

    /// Messages that say again what a field says: from a commit group, which keeps texts taken apart.
    @Test(arguments: [newest]) func toldTextsStayReadable(version: Int) throws {
        let segmentFile = folder.appendingPathComponent("segment-\(version)-told.bin")
        let textFile = folder.appendingPathComponent("segment-\(version)-told.txt")
        if ProcessInfo.processInfo.environment["PLUMB_WRITE_GOLDEN"] != nil {
            let group = try EncodedBlock(BlockEncoder(effort: .commit).encode(longSample()).bytes)
            let bytes = try #require(try SegmentWriter().encode([group]))
            try Data(bytes).write(to: segmentFile)
            try Data(text(SegmentReader(SharedBytes(bytes))).utf8).write(to: textFile)
        }
        let reader = try SegmentReader(
            SharedBytes(Array(Data(contentsOf: segmentFile))), file: "segment-\(version)-told.bin")
        try reader.verify()
        // The drift is not kept again.
        #expect((1..<2_600).contains(reader.blocks[0].byteCount(of: "_msg")))
        #expect(try text(reader) == String(decoding: Data(contentsOf: textFile), as: UTF8.self))
    }

    private func encoding(of name: ByteString, in reader: SegmentReader) -> ColumnEncoding? {
        reader.blocks[0].statistics(of: name)?.encoding
    }

    /// Traces that interleave, rows without one, skewed numbers, times and numbers that ascend and jump.
    private func longSample() -> RecordBatch {
        var random = SplitMix(seed: 8)
        var traces: [String] = []
        var time: Int64 = 1_700_000_000_000_000_000
        return RecordBatch(
            rows: (0..<2_600).map { row in
                if row % 8 == 0 { traces.append(random.hex(32)) }
                time += Int64(random.below(1 << random.below(24)))
                var fields = [("n", "\(random.below(1 << random.below(14)))")]
                fields.append(("drift", "\(row * 3 + random.below(1 << random.below(9)) - 40)"))
                let place = max(0, traces.count - 1 - random.below(1 << random.below(7)))
                if !random.chance(9) { fields.append(("trace_id", traces[place])) }
                // Repeated with an exception now and then, in some rows only, and inside a longer text.
                fields.append(("again", random.chance(150) ? "else" : fields[0].1))
                if random.chance(3) { fields.append(("some", fields[0].1)) }
                fields.append(("_msg", "\(row % 3 == 0 ? "read" : "wrote") \(fields[1].1) of \(random.below(9))"))
                fields.append(("held", "<\(fields[1].1) of \(fields[0].1)>\(random.below(4))"))
                return (time: time, fields: fields)
            })
    }

    private func sample() -> RecordBatch {
        let kinds: [ValueKind] = [
            .constantWord, .fewWords, .integers, .fixedDecimals, .hex16, .uuid, .ipv4, .timestamps, .messages, .prose,
            .sparse, .recurringIDs, .shortDecimals, .clock, .headed,
        ]
        var batch = randomBatch(rows: 240, kinds: kinds, seed: 2_026)
        // One column that follows from another: a service by its pod.
        for (name, divisor) in [("service", 4), ("pod", 1), ("note", 0)] {
            var slices: [RecordBatch.Slice] = []
            var random = SplitMix(seed: 1)
            for _ in 0..<240 {
                // A note has no digits, so that it has no variables.
                let letters = (0..<9).map { _ in String("ghijklmnop qrst".randomElement(using: &random)!) }.joined()
                let value = divisor == 0 ? letters : "\(name)-\(random.below(24) / divisor)-x"
                slices.append(.init(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count)))
                batch.arena.append(contentsOf: value.utf8)
            }
            batch.columns.append(.init(name: ByteString(name), slices: slices))
        }
        // Columns that the kind of an event decides, altogether or in part.
        var choice = SplitMix(seed: 3)
        let events = (0..<240).map { _ in choice.below(4) }
        for (name, place) in [("event", 0), ("path", 1), ("size", 2)] {
            var slices: [RecordBatch.Slice] = []
            for event in events {
                let number = choice.below(50_000)
                let value =
                    switch name {
                    case "event": "\(["login of", "order", "search for", "export"][event]) \(number) done"
                    case "path": "/v1/section-\(event)/part-\(choice.below(event + 1))"
                    default: event == 2 ? "\(number)" : ""
                    }
                slices.append(.init(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count)))
                batch.arena.append(contentsOf: value.utf8)
            }
            batch.columns.insert(.init(name: ByteString(name), slices: slices), at: place)
        }
        // A column that refers to another, and identifiers that two kinds of messages share.
        var random = SplitMix(seed: 2)
        let spans = (0..<243).map { _ in random.hex(16) }
        for (name, shift) in [("span", 0), ("parent", 3), ("talk", 0), ("line", 0)] {
            var slices: [RecordBatch.Slice] = []
            for row in 0..<240 {
                let talk = "\(row % 2 == 0 ? "opened" : "closed after a while"): \(spans[row / 2])"
                // A line begins with its own time.
                let time = Timestamp(nanoseconds: batch.times[row]).description
                let line = "\(time.prefix(10)) \(time.dropFirst(11).dropLast()) worker \(row % 7) woke \(row % 7)"
                let value = name == "talk" ? talk : name == "line" ? line : spans[row + shift]
                slices.append(.init(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count)))
                batch.arena.append(contentsOf: value.utf8)
            }
            batch.columns.append(.init(name: ByteString(name), slices: slices))
        }
        return batch
    }
}
