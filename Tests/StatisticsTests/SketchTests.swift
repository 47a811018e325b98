import Statistics
import TestSupport
import Testing

@Suite struct SketchTests {
    @Test("A quantile lies within the relative error of the true one", arguments: [1, 2, 3] as [UInt64])
    func quantiles(seed: UInt64) throws {
        var noise = Noise(seed: seed)
        var sketch = QuantileSketch(relativeError: 0.02)
        var values: [Double] = []
        for _ in 0..<20_000 {
            let value = exponential(noise.normal() * 2)
            values.append(value)
            sketch.add(value)
        }
        values.sort()
        for share in [0.01, 0.25, 0.5, 0.9, 0.99, 0.999] {
            let estimate = try #require(sketch.quantile(share))
            let rank = Int(share * Double(values.count))
            let low = values[max(0, rank - 2)] * 0.98
            let high = values[min(values.count - 1, rank + 1)] * 1.0205
            #expect((low...high).contains(estimate), "seed \(seed), share \(share)")
        }
    }

    @Test func mergedSketchEqualsSketchOfAll() {
        var noise = Noise(seed: 9)
        var left = QuantileSketch()
        var right = QuantileSketch()
        var whole = QuantileSketch()
        for index in 0..<5_000 {
            let value = exponential(noise.normal())
            if index % 3 == 0 { left.add(value) } else { right.add(value) }
            whole.add(value)
        }
        left.merge(right)
        #expect(left == whole)
    }

    @Test func oddValuesNeitherTrapNorCount() {
        var sketch = QuantileSketch()
        #expect(sketch.quantile(0.5) == nil)
        for value in [Double.nan, 0, -5, .infinity, 1e-300, 1e308] { sketch.add(value) }
        #expect(sketch.count == 5)
        #expect(sketch.quantile(0) == 0)
        #expect(sketch.quantile(1)! > 1e299)
    }

    @Test("Distinct values are counted within four standard errors", arguments: [10, 1_000, 100_000])
    func cardinality(distinct: Int) {
        var noise = Noise(seed: UInt64(distinct))
        var sketch = CardinalitySketch(precision: 10)
        for _ in 0..<distinct {
            let hash = noise.next()
            sketch.add(hash: hash)
            sketch.add(hash: hash)
        }
        #expect(abs(sketch.estimate - Double(distinct)) <= 4 * 0.0325 * Double(distinct) + 1)
    }

    @Test("A key above its share is held and its count is bounded", arguments: [4, 5] as [UInt64])
    func heavyHitters(seed: UInt64) throws {
        var noise = Noise(seed: seed)
        var hitters = HeavyHitters(capacity: 50)
        var exact: [UInt64: UInt64] = [:]
        for _ in 0..<20_000 {
            let key = UInt64(1 / (noise.uniform() + 0.0005))
            hitters.add(key)
            exact[key, default: 0] += 1
        }
        let held = Dictionary(uniqueKeysWithValues: hitters.ranked.map { ($0.key, $0) })
        for (key, count) in exact where count > 20_000 / 50 {
            let entry = try #require(held[key], "seed \(seed)")
            #expect(entry.count >= count && entry.count - entry.error <= count, "seed \(seed), key \(key)")
        }
    }

    @Test func reservoirKeepsTheSameItemsInEveryReplay() {
        func run() -> [Int] {
            var reservoir = Reservoir<Int>(capacity: 8, window: 500)
            for item in 0..<5_000 {
                if let place = reservoir.place() { reservoir.keep(item, at: place) } else { reservoir.skip() }
            }
            return reservoir.items
        }
        #expect(run() == run())
        #expect(run().max()! > 4_000)
    }
}
