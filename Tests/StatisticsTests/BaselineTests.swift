import Statistics
import TestSupport
import Testing

@Suite struct BaselineTests {
    @Test func normalQuantileInvertsTheTail() {
        for step in -75...75 {
            let z = Double(step) / 10
            let back = NormalDistribution.upperQuantile(NormalDistribution.upperTail(z))
            #expect(abs(back - z) < 1e-5 + (z < -5 ? 0.6 : 0), "z \(z)")
        }
    }

    @Test func seasonIsLearntWhereThereIsOne() {
        var noise = Noise(seed: 1)
        var season = SeasonalProfile(pointsPerDay: 288)
        for step in 0..<(288 * 4) {
            let share = Double(step % 288) / 288
            let value = Float(sineOf(share * 6.283_185) * 5 + noise.normal())
            season.learn(value, at: share, clip: 3, scale: 1)
        }
        #expect(season.trust > 0.9)
        for share in [0.1, 0.25, 0.5, 0.8] {
            #expect(abs(Double(season.offset(at: share)) - 5 * sineOf(share * 6.283_185)) < 0.8)
        }
    }

    @Test("Noise alone, and a wandering series, have no season", arguments: [0, 0.95])
    func noSeason(autocorrelation: Double) {
        var noise = Noise(seed: 2)
        var season = SeasonalProfile(pointsPerDay: 288)
        var value = 0.0
        for step in 0..<(288 * 6) {
            let share = Double(step % 288) / 288
            value = autocorrelation * value + (1 - autocorrelation * autocorrelation).squareRoot() * noise.normal()
            season.learn(Float(value), at: share, clip: 3, scale: 1)
        }
        #expect(season.trust < 0.45)
    }

    @Test func oneWeekendIsEnoughToExpectTheNext() {
        var noise = Noise(seed: 3)
        var week = WeeklyProfile(pointsPerDay: 288)
        for step in 0..<(288 * 8) {
            let day = step / 288 % 7
            let value = Float((day >= 5 ? -0.5 : 0) + 0.05 * noise.normal())
            week.learn(value, day: day, at: Double(step % 288) / 288, unitNoise: 0.0025)
        }
        #expect(abs(week.offset(day: 5, at: 0.5) + 0.5) < 0.1)
        #expect(abs(week.offset(day: 1, at: 0.5)) < 0.05)
    }

    @Test("Tail probabilities are what they say", arguments: [false, true])
    func calibration(isHeavy: Bool) {
        var noise = Noise(seed: 4)
        var histogram = ResidualHistogram(memory: 5_000)
        var beyond: [Double: Int] = [:]
        let levels = [0.3, 0.05, 0.01, 0.002]
        for step in 0..<30_000 {
            let value = Float(isHeavy ? noise.student3() : noise.normal())
            if step >= 5_000 {
                let upper = histogram.tails(value).upper
                for level in levels where upper < level { beyond[level, default: 0] += 1 }
            }
            histogram.learn(value)
        }
        for level in levels {
            let share = Double(beyond[level, default: 0]) / 25_000
            #expect(share < 1.35 * level + 0.0005 && share > 0.6 * level - 0.0005, "level \(level): \(share)")
        }
    }

    @Test func whitenerFindsTheAutocorrelation() {
        var noise = Noise(seed: 5)
        var whitener = Prewhitener(memory: 1_000)
        var value = 0.0
        for _ in 0..<4_000 {
            value = 0.7 * value + 0.714 * noise.normal()
            whitener.learn(Float(value), scale: 1, clip: 4, adjacent: true)
        }
        #expect(abs(whitener.autocorrelation - 0.7) < 0.08)
    }

    @Test func savedStatesContinueAsTheyWere() throws {
        var noise = Noise(seed: 6)
        var histogram = ResidualHistogram(memory: 500)
        var spread = VarianceTime()
        var change = ChangeDetector(horizon: 300)
        for _ in 0..<1_000 {
            let value = Float(noise.normal())
            histogram.learn(value)
            spread.learn(value)
            _ = change.update(value, spread: spread)
        }
        var writer = StateWriter()
        histogram.save(to: &writer)
        spread.save(to: &writer)
        change.save(to: &writer)
        var reader = StateReader(writer.words)
        let histogramBack = try ResidualHistogram(from: &reader)
        let spreadBack = try VarianceTime(from: &reader)
        var changeBack = try ChangeDetector(from: &reader)
        #expect(reader.isAtEnd)
        #expect(histogramBack.tails(2.5).upper == histogram.tails(2.5).upper)
        for _ in 0..<100 {
            let value = Float(noise.normal())
            let left = change.update(value, spread: spread)
            let right = changeBack.update(value, spread: spreadBack)
            #expect(left.logRunLength == right.logRunLength)
        }
    }

    @Test("A state cut short is refused", arguments: [0, 1, 15, 30])
    func cutShort(words: Int) {
        var writer = StateWriter()
        ResidualHistogram(memory: 500).save(to: &writer)
        #expect(throws: StateError.self) {
            var reader = StateReader(Array(writer.words.prefix(words)))
            _ = try ResidualHistogram(from: &reader)
        }
    }
}
