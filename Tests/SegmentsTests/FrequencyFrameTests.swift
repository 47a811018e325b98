import Bytes
import Records
import Segments
import TestSupport
import Testing

/// Columns long and skewed enough to be coded by frequencies, of which a lookup reads a few stretches.
@Suite struct FrequencyFrameTests {
    /// Traces of some rows each that interleave, one row in ten without; `lateness` rows back at most.
    private func rows(_ count: Int, lateness: Int, seed: UInt64) -> RecordBatch {
        var random = SplitMix(seed: seed)
        var open: [(id: String, span: String)] = []
        var old = ""
        var time: Int64 = 1_700_000_000_000_000_000
        return RecordBatch(
            rows: (0..<count).map { row in
                time += Int64(random.below(1 << random.below(24)))
                var fields = [("_msg", "\(["took", "needed", "used"][random.below(3)]) \(skewed(&random)) ms")]
                fields.append(("duration", "\(skewed(&random))"))
                fields.append(("drift", "\(row * 3 + skewed(&random) - skewed(&random))"))
                if random.chance(2) { fields.append(("size", "\(skewed(&random) * 50 + random.below(40))")) }
                let span = random.hex(16)
                if !random.chance(10) {
                    if open.isEmpty || random.chance(8) { open.append((random.hex(32), span)) }
                    let recent = max(0, open.count - 1 - random.below(6))
                    let place = random.chance(lateness) ? random.below(open.count) : recent
                    fields.append(("trace_id", random.chance(700) && !old.isEmpty ? old : open[place].id))
                    fields.append(("parent_span_id", open[place].span))
                    if old.isEmpty { old = open[place].id }
                    open[place].span = span
                }
                fields.append(("span_id", span))
                return (time: time, fields: fields)
            })
    }

    /// Small numbers often, large ones seldom.
    private func skewed(_ random: inout SplitMix) -> Int { random.below(1 << random.below(14)) }

    @Test(arguments: [EncodingEffort.seal, .packed], [1_000, 1_025, 2_500, 9_000, 20_480])
    func columnsComeBack(effort: EncodingEffort, rows count: Int) throws {
        for lateness in [2, 40, 100_000] {
            let batch = rows(count, lateness: lateness, seed: UInt64(count + lateness))
            try expectSame(batch, BlockEncoder(effort: effort).encode(batch).bytes, "\(effort) \(count) \(lateness)")
        }
    }

    @Test func identifiersAreFoundInTheStretchesThatHoldThem() throws {
        let batch = rows(20_000, lateness: 60, seed: 9)
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        for name in ["trace_id", "span_id", "parent_span_id"] {
            let column = try #require(batch.columnIndex(ByteString(name)))
            var places: [ByteString: [Int]] = [:]
            for field in ["trace_id", "span_id", "parent_span_id"] {
                let other = try #require(batch.columnIndex(ByteString(field)))
                for row in 0..<batch.rowCount {
                    let value = ByteString(batch.value(row: row, column: other))
                    if !value.isEmpty, places[value]?.last != row { places[value, default: []].append(row) }
                }
            }
            for row in stride(from: 0, to: batch.rowCount, by: 331) {
                let value = ByteString(batch.value(row: row, column: column))
                if value.isEmpty { continue }
                let found = try #require(try block.rows(withIdentifier: value))
                #expect(found == Set(places[value]!).sorted(), "\(name) \(row)")
                #expect(try block.times(rows: found) == found.map { batch.times[$0] })
                for (position, other) in batch.columns.enumerated() {
                    let some = try block.column(other.name, rows: found)
                    let expected = found.map { ByteString(batch.value(row: $0, column: position)) }
                    #expect(found.indices.map { some.value($0) } == expected, "\(other.name) \(row)")
                }
            }
        }
    }

    /// Skewed numbers take what their frequencies say, not whole bits of each.
    @Test func skewedNumbersTakeLittle() throws {
        var random = SplitMix(seed: 4)
        let batch = RecordBatch(
            rows: (0..<20_000).map { row in
                let level = (random.next() | 1 << 40).trailingZeroBitCount
                return (time: Int64(row), fields: [("level", "\(level + 1_000 * row)")])
            })
        let block = try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes)
        // Differences of two geometric numbers: 2.9 bits each.
        #expect(block.byteCount(of: "level") < 20_000 * 32 / 80)
    }
}
