import Bytes
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// Exact values of fields that are named like identifiers go through the segment's index: whatever the values look
/// like, it must find what a scan finds.
@Suite struct IdentifierSearchTests {
    private struct SegmentSnapshot: BlockSnapshot {
        let reader: SegmentReader
        func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] {
            reader.blocks.filter { $0.timeRange.overlaps(range) }
        }
        func blocks(withIdentifier id: ByteString) -> [any ColumnBlock] { reader.blocks(withIdentifier: id) }
    }

    @Test func indexAndScanAgree() throws {
        var random = SplitMix(seed: 5)
        let rows: [(time: Int64, fields: Fields)] = (0..<3_000).map { index in
            let number = Int.random(in: 0..<400, using: &random)
            let hex = String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
            let odd = ["A B", "ü", "", "ABCDEF12", "abcdef12", "a-b-c", "0", "007"].randomElement(using: &random)!
            return (
                testNow + Int64(index),
                [
                    ("order_id", "\(number)"), ("session_id", odd), ("trace_id", hex), ("requestId", hex.uppercased()),
                    ("job_id", index % 50 == 0 ? "j\(number)" : ""), ("n", "\(index)"),
                ]
            )
        }
        let plain = MemorySnapshot([RecordBatch(rows: rows)])
        let writer = SegmentWriter(rowsPerBlock: 256)
        let bytes = try #require(try writer.encode([BatchBlock(RecordBatch(rows: rows))]))
        let sealed = SegmentSnapshot(reader: try SegmentReader(SharedBytes(bytes)))
        for _ in 0..<120 {
            let row = rows.randomElement(using: &random)!
            let (name, value) = row.fields[Int.random(in: 0..<5, using: &random)]
            let text = "\(name):=\(QuotedForTest.quote(value)) | fields n"
            let wanted = lines(try answer(text, over: plain).rows)
            let (found, outcome) = try answer(text, over: sealed)
            #expect(lines(found) == wanted, "\(text)")
            if name == "trace_id" { #expect(outcome.blocksScanned <= wanted.count) }
        }
    }
}
