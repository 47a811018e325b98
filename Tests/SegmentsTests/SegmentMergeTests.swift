import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Merging: full segments are copied, the rows of others are put in order anew, and nothing is lost either way.
@Suite struct SegmentMergeTests {
    private let writer = SegmentWriter(rowsPerBlock: 40)

    /// `rows` rows from `start` on, a second apart, each with an identifier of its own and one of its trace.
    private func batch(start: Int, rows: Int, seed: UInt64) -> RecordBatch {
        var random = SplitMix(seed: seed)
        return RecordBatch(
            rows: (0..<rows).map { row in
                let trace = "4bf92f3577b34da6\(String(start / 100 + row / 7 + 10_000_000_000, radix: 16))"
                return (
                    time: Int64(start + row) * 1_000_000_000,
                    fields: [
                        ("trace_id", trace), ("span_id", random.hex(16)), ("n", "\(start + row)"),
                        ("_msg", "took \(random.below(900)) ms for user \(random.hex(6))"),
                    ]
                )
            })
    }

    private func reader(_ batch: RecordBatch) throws -> SegmentReader {
        try SegmentReader(SharedBytes(try #require(try writer.encode([BatchBlock(batch)]))), file: "source")
    }

    private func merged(_ segments: [SegmentReader]) throws -> SegmentReader {
        var bytes: [UInt8] = []
        let summary = try #require(try writer.merge(segments) { bytes.append(copying: $0) })
        let reader = try SegmentReader(SharedBytes(bytes), file: "merged")
        try reader.verify()
        #expect(reader.summary == summary)
        return reader
    }

    private func rows(_ segment: SegmentReader) throws -> [String] {
        try segment.blocks.flatMap { block in
            let batch = try RecordBatch(block)
            return (0..<batch.rowCount).map { row in
                "\(batch.times[row]) "
                    + batch.columns.indices.map { "\(ByteString(batch.value(row: row, column: $0)))" }.joined()
            }
        }
    }

    /// A few long records among many short ones: a block was filled by the mean, and grew beyond what can be written.
    @Test func blocksOfUnevenRowsStaySmall() throws {
        let long = String(repeating: "all work and no play ", count: 30_000)
        let sources = (0..<30).map { source in
            let lines = (0..<8).map { (time: Int64($0), fields: [("_msg", "\(source) \($0) \(long)")]) }
            let others = (0..<2_000).map { (time: Int64(1_000 + $0), fields: [("_msg", "short \($0)")]) }
            return BatchBlock(RecordBatch(rows: lines + others))
        }
        let bytes = try #require(try SegmentWriter().encode(sources))
        let segment = try SegmentReader(SharedBytes(bytes), file: "uneven")
        #expect(segment.summary.rowCount == 30 * 2_008)
        for block in segment.blocks {
            let batch = try RecordBatch(block)
            let size = batch.columns.reduce(0) { $0 + $1.slices.reduce(0) { $0 + Int($1.length) } }
            #expect(size < 50 << 20)
        }
    }

    private func expectFound(_ segments: [SegmentReader], in merged: SegmentReader) throws {
        for segment in segments {
            let block = segment.blocks[segment.blocks.count / 2]
            for name in ["trace_id", "span_id"] as [ByteString] {
                let id = try block.column(name).value(3)
                let expected = try segments.reduce(0) { sum, one in
                    sum + (try one.rows(withIdentifier: id).reduce(0) { $0 + $1.rows.count })
                }
                #expect(try merged.rows(withIdentifier: id).reduce(0) { $0 + $1.rows.count } == expected)
            }
        }
    }

    @Test func fullSegmentsAreCopiedAndSmallOnesJoined() throws {
        let full = try [0, 390, 800].map { try reader(batch(start: $0, rows: 400, seed: UInt64($0))) }
        let small = try [100, 130, 1_300].map { try reader(batch(start: $0, rows: 30, seed: UInt64($0))) }
        let result = try merged([full[0], small[0], full[1], small[1], full[2], small[2]])
        #expect(try rows(result).sorted() == (full + small).flatMap(rows).sorted())
        // Ten blocks of each full one as they are, and 90 rows in three of 40, 40 and 10.
        #expect(result.blocks.map(\.rowCount).sorted() == [10] + Array(repeating: 40, count: 32))
        let copied = Set(full.flatMap(\.blocks).map(\.byteCount))
        #expect(result.blocks.filter { copied.contains($0.byteCount) }.count >= 30)
        try expectFound(full + small, in: result)
        // And once more, with a segment that has several runs.
        let more = try reader(batch(start: 1_250, rows: 400, seed: 9))
        let again = try merged([more, result])
        #expect(try rows(again).sorted() == (rows(result) + rows(more)).sorted())
        try expectFound(full + small + [more], in: again)
    }

    @Test func segmentsThatLieOverEachOtherArePutInOrder() throws {
        let segments = try (0..<5).map { try reader(batch(start: 7 * $0, rows: 400, seed: UInt64($0))) }
        let result = try merged(segments)
        let times = try result.blocks.flatMap { try $0.times() }
        #expect(times == times.sorted())
        #expect(try rows(result).sorted() == segments.flatMap(rows).sorted())
        try expectFound(segments, in: result)
    }

    /// About one in 64 passes a filter, with any number as its block.
    @Test func identifiersThatDoNotExistAreLookedUpSafely() throws {
        let result = try merged(try [0, 400, 800].map { try reader(batch(start: $0, rows: 400, seed: UInt64($0))) })
        var random = SplitMix(seed: 3)
        for _ in 0..<3_000 {
            #expect(try result.rows(withIdentifier: ByteString(random.hex(16))).isEmpty)
        }
    }

    @Test func aDamagedSourceIsNotCopied() throws {
        let bytes = try #require(try writer.encode([BatchBlock(batch(start: 0, rows: 400, seed: 1))]))
        var random = SplitMix(seed: 5)
        for _ in 0..<50 {
            var damaged = bytes
            damaged[12 + random.below(bytes.count - 300)] ^= 4
            guard let source = try? SegmentReader(SharedBytes(damaged)), source.damage.isEmpty else { continue }
            #expect(throws: CorruptionError.self) { try writer.merge([source]) { _ in } }
        }
    }

    /// Damage that comes after a section was checked and read is not written on under a checksum of its own, and a
    /// section that is read again and again is checked again.
    @Test func damageBehindACheckIsFound() throws {
        // Large enough that its blocks are not packed: what a packed one holds is read once, into memory.
        let writer = SegmentWriter(rowsPerBlock: 20_000)
        let bytes = try #require(try writer.encode([BatchBlock(batch(start: 0, rows: 40_000, seed: 1))]))
        let region = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        unsafe region.copyBytes(from: bytes)
        let shared = unsafe SharedBytes(region: UnsafeRawBufferPointer(region), release: {})
        let source = try SegmentReader(shared, file: "source")
        func readAll() throws {
            for block in source.blocks {
                _ = try block.times()
                for name in block.columnNames { _ = try block.column(name) }
            }
        }
        try readAll()
        let whole = try rows(source)
        var found = 0
        // Within the blocks, in front of the index and the footer; what headers say was read when they were opened.
        for place in stride(from: bytes.count / 10, to: bytes.count / 2, by: bytes.count / 20) {
            unsafe region[place] ^= 4
            do {
                var output: [UInt8] = []
                _ = try writer.merge([source]) { output.append(copying: $0) }
                #expect(try rows(SegmentReader(SharedBytes(output))) == whole)
            } catch is CorruptionError {
                found += 1
            }
            unsafe region[place] ^= 4
        }
        #expect(found >= 6)
        var foundAgain = 0
        for place in stride(from: bytes.count / 10, to: bytes.count / 2, by: bytes.count / 20) {
            unsafe region[place] ^= 4
            do { for _ in 0..<65 { try readAll() } } catch is CorruptionError { foundAgain += 1 }
            unsafe region[place] ^= 4
        }
        // Of the rest, filters and indexes are read by lookups alone.
        #expect(foundAgain >= 3)
        unsafe region.deallocate()
    }
}
