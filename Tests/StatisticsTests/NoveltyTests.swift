import Statistics
import TestSupport
import Testing

@Suite struct NoveltyTests {
    /// A saw of 24 values with a little noise.
    private func saw(_ step: Int, _ noise: inout Noise) -> Double {
        Double(step % 24) + 0.2 * noise.normal()
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aBrokenPatternIsStrangerThanAnythingBefore(seed: UInt64) {
        var noise = Noise(seed: seed)
        var novelty = ShapeNovelty()
        var most = 0.0
        for step in 0..<2_000 {
            let evidence = novelty.update(saw(step, &noise))
            if step >= 500 { most = max(most, evidence) }
        }
        // Values as usual, in an order never seen.
        var broken = 0.0
        for step in 0..<24 { broken = max(broken, novelty.update(saw(24 - step, &noise))) }
        #expect(broken > 3.5, "seed \(seed)")
        #expect(broken >= most, "seed \(seed): \(most) before")
    }

    @Test func aRepetitionIsNotStrange() {
        var noise = Noise(seed: 4)
        var novelty = ShapeNovelty()
        var late: [Double] = []
        for step in 0..<4_000 {
            let evidence = novelty.update(saw(step, &noise))
            if step >= 2_000 { late.append(evidence) }
        }
        // A share of e^-3 of the moments is stranger than all but that share.
        #expect(late.count { $0 > 3 } < late.count / 8)
        #expect(late.reduce(0, +) / Double(late.count) < 1.5)
    }

    @Test func runningSumsStayWhatTheyWere() {
        // One huge value leaves the windows and takes its rounding errors along.
        var noise = Noise(seed: 6)
        var clean = ShapeNovelty()
        var spoilt = ShapeNovelty()
        for step in 0..<1_000 {
            let value = saw(step, &noise)
            _ = clean.update(value)
            _ = spoilt.update(step == 100 ? 1e9 : value)
        }
        for step in 1_000..<1_024 {
            let value = saw(step, &noise)
            _ = clean.update(value)
            _ = spoilt.update(value)
        }
        var most = (clean: 0.0, spoilt: 0.0)
        for step in 0..<24 {
            let value = saw(24 - step, &noise)
            most.clean = max(most.clean, clean.update(value))
            most.spoilt = max(most.spoilt, spoilt.update(value))
        }
        // The huge value itself was stranger for as long as it stood in the windows.
        #expect(most.clean > 2.5 && most.spoilt > 2.5, "\(most)")
    }
}
