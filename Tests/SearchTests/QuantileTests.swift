import Bytes
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// Quantiles of more values than are kept one by one, against the sorted values.
@Suite struct QuantileTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func manyValues(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let numbers = (0..<140_000).map { _ -> Int in
            switch seed {
            case 1: Int.random(in: 0..<900, using: &random)
            case 2: Int.random(in: -5_000_000...5_000_000, using: &random)
            default: Int.random(in: 0..<4, using: &random) == 0 ? 0 : 1 << Int.random(in: 0..<50, using: &random)
            }
        }
        let sorted = numbers.sorted()
        let rows = numbers.map { (time: testNow, fields: [("v", "\($0)")] as Fields) }
        for phi in [0, 0.01, 0.5, 0.9, 0.999, 1] {
            for workers in [1, 2] {
                let found = try answer(
                    "* | stats quantile(\(phi), v) q", timed: rows, batchRows: 20_000, workers: workers
                ).rows
                let wanted = Double(sorted[min(Int(phi * Double(sorted.count)), sorted.count - 1)])
                let value = try #require(Double(found[0][0].1))
                #expect(abs(value - wanted) <= abs(wanted) / 500, "seed \(seed), phi \(phi), \(workers) workers")
            }
        }
    }

    /// Groups with many numbers, with few, with none above zero, and with sizes far from those of the others.
    /// From texts in memory and from sealed blocks, whose numbers are counted together; in the second case a third of
    /// the rows has none, which counts as the smallest value.
    @Test(arguments: [1, 2] as [UInt64]) func manyValuesInGroups(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var numbers: [String: [Double]] = [:]
        let rows = (0..<150_000).map { row -> (time: Int64, fields: Fields) in
            let group = ["many", "many", "many", "tiny", "huge", "below", "few"][row % 50 == 49 ? 6 : row % 6]
            let digits = Double(Int.random(in: 1..<100_000, using: &random))
            let size = digits / 100
            let number =
                switch group {
                case "tiny": digits / 10_000
                case "huge": (size * 1_000_000_000).rounded()
                case "below": row % 12 == 5 ? 0 : -size
                default: size
                }
            if seed == 2, row % 3 == 1 {
                numbers[group, default: []].append(-.infinity)
                return (time: testNow, fields: [("g", group)])
            }
            numbers[group, default: []].append(number)
            let text = group == "huge" ? "\(Int(number))" : "\(number)"
            return (time: testNow, fields: [("g", group), ("v", text)])
        }
        let sealed = MemorySnapshot(
            blocks: try stride(from: 0, to: rows.count, by: 20_000).map { start in
                let some = Array(rows[start..<min(start + 20_000, rows.count)])
                return try EncodedBlock(BlockEncoder(effort: .seal).encode(RecordBatch(rows: some)).bytes)
            })
        for phi in [0.01, 0.5, 0.99] {
            let query = "* | stats by (g) quantile(\(phi), v) q"
            for workers in [1, 2] {
                let found = try answer(query, timed: rows, batchRows: 20_000, workers: workers).rows
                expect(found, numbers, phi)
                expect(try answer(query, over: sealed, workers: workers).rows, numbers, phi)
            }
        }
    }

    private func expect(_ found: [Fields], _ numbers: [String: [Double]], _ phi: Double) {
        #expect(found.count == numbers.count)
        for row in found {
            let sorted = (numbers[row[0].1] ?? []).sorted()
            let wanted = sorted[min(Int(phi * Double(sorted.count)), sorted.count - 1)]
            // The empty value is not shown.
            let value = row.count > 1 ? Double(row[1].1) : -.infinity
            guard let value, wanted.isFinite else {
                #expect(value == wanted, "\(row[0].1), phi \(phi)")
                continue
            }
            #expect(abs(value - wanted) <= abs(wanted) / 500, "\(row[0].1), phi \(phi)")
            if sorted.count <= 16_384 { #expect(value == wanted, "\(row[0].1), phi \(phi)") }
        }
    }
}
