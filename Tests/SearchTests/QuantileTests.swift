import Bytes
import QueryLanguage
import Records
import Search
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
}
