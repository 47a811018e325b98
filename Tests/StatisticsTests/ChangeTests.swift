import Statistics
import TestSupport
import Testing

@Suite struct ChangeTests {
    /// False alarms at ln A = 7 over 300,000 normal scores: the theory allows one in e⁷ = 1,097.
    @Test("False alarms are no more frequent than the threshold says", arguments: [1, 2] as [UInt64])
    func runLength(seed: UInt64) {
        var noise = Noise(seed: seed)
        var change = ChangeDetector(horizon: 864)
        let spread = VarianceTime()
        var alarms = 0
        for _ in 0..<300_000 where change.update(Float(noise.normal()), spread: spread).logRunLength > 7 {
            alarms += 1
            change.reset()
        }
        #expect(alarms < 300_000 / 1_097, "seed \(seed): \(alarms)")
        #expect(alarms > 30, "seed \(seed): \(alarms): so rare that real changes would be missed")
    }

    @Test("A step is found, dated and given its sign", arguments: [0.3, 1, -1, -3])
    func step(size: Double) throws {
        var noise = Noise(seed: 77)
        var change = ChangeDetector(horizon: 864)
        let spread = VarianceTime()
        for _ in 0..<2_000 { _ = change.update(Float(noise.normal()), spread: spread) }
        var found: (steps: Int, reading: ChangeDetector.Reading)?
        for step in 1...800 {
            let reading = change.update(Float(noise.normal() + size), spread: spread)
            if reading.logRunLength > 11 {
                found = (step, reading)
                break
            }
        }
        let hit = try #require(found)
        #expect(Double(hit.steps) < 40 / (size * size) + 4)
        #expect(hit.reading.isUpward == (size > 0))
        // A step of a third of the noise leaves its beginning open.
        guard abs(size) >= 1 else { return }
        #expect(abs(Double(hit.reading.age) - Double(hit.steps)) <= 0.6 * Double(hit.steps) + 3)
    }

    @Test func autocorrelationInflatesLongSums() {
        var noise = Noise(seed: 8)
        var independent = VarianceTime()
        var wandering = VarianceTime()
        var value = 0.0
        for _ in 0..<20_000 {
            independent.learn(Float(noise.normal()))
            value = 0.6 * value + 0.8 * noise.normal()
            wandering.learn(Float(value))
        }
        for scale in 0..<4 { #expect(independent.inflation(scale) < 1.4) }
        // (1 + φ) / (1 − φ) = 4 for long sums.
        #expect(wandering.inflation(2) > 2.5)
    }

    @Test func falseDiscoveryBoundsFollowTheirDefinitions() {
        // Of four tests at level 0.1, the bars are 40, 20, 13.3 and 10.
        let logs = [50, 21, 12, 11].map { naturalLogarithm($0) }
        #expect(FalseDiscovery.reject(logEValues: logs, level: 0.1) == [0, 1, 2, 3])
        #expect(FalseDiscovery.reject(logEValues: [naturalLogarithm(39.9), 0, 0, 0], level: 0.1).isEmpty)
        #expect(FalseDiscovery.reject(pValues: [0.2, 0.001, 0.04, 0.9], level: 0.1) == [1, 2])
    }

    @Test func gSquaredAgreesWithItsFormula() {
        // Dunning's form worked out for 10 of 100 against 30 of 100.
        let value = LikelihoodRatio.gSquared(hitsBefore: 10, totalBefore: 100, hitsAfter: 30, totalAfter: 100)
        #expect(abs(value - 12.9715) < 0.01)
        #expect(LikelihoodRatio.gSquared(hitsBefore: 5, totalBefore: 50, hitsAfter: 10, totalAfter: 100) < 1e-9)
        #expect(abs(LikelihoodRatio.probability(ofGSquared: 3.841_459) - 0.05) < 1e-4)
    }
}
