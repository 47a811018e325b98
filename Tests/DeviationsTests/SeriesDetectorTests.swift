import Deviations
import Statistics
import TestSupport
import Testing

@Suite struct SeriesDetectorTests {
    private static let step: Int64 = 300_000_000_000
    private static let start: Int64 = 1_772_409_600_000_000_000
    private static let day = 288

    private func wave(_ step: Int) -> Double { 100 * (1 + 0.4 * sineOf(Double(step) * 6.283_185 / Double(Self.day))) }

    private func run(
        _ detector: inout SeriesDetector, _ steps: Range<Int>, value: (Int) -> Double
    ) -> [Assessment] {
        steps.map { detector.update(time: Self.start + Int64($0) * Self.step, value: value($0)) }
    }

    @Test("Healthy noise stays quiet", arguments: [1, 2, 3, 4] as [UInt64])
    func quiet(seed: UInt64) {
        var noise = Noise(seed: seed)
        var detector = SeriesDetector()
        let week = run(&detector, 0..<(Self.day * 21)) { wave($0) + 5 * noise.normal() }.dropFirst(Self.day * 7)
        #expect(week.count { $0.deviation } <= 1, "seed \(seed)")
        let inside = week.count { $0.expectedLow <= $0.expected && $0.expected <= $0.expectedHigh }
        #expect(inside == week.count)
    }

    @Test("A step of four standard deviations is found at once, seldom again, and dated", arguments: [1, -1])
    func step(sign: Double) throws {
        var noise = Noise(seed: 11)
        var detector = SeriesDetector()
        _ = run(&detector, 0..<(Self.day * 10)) { wave($0) + 5 * noise.normal() }
        let after = run(&detector, (Self.day * 10)..<(Self.day * 11)) { wave($0) + sign * 20 + 5 * noise.normal() }
        let first = try #require(after.firstIndex { $0.deviation })
        #expect(first < 5)
        #expect(after.count { $0.deviation } <= 3)
        #expect(after[first].direction == (sign > 0 ? .up : .down))
        #expect(abs(after[first].onset - (Self.start + Int64(Self.day * 10) * Self.step)) <= 6 * Self.step)
        #expect(after[Self.day / 2].isOpen)
    }

    @Test func driftIsFoundBeforeItIsLarge() throws {
        var noise = Noise(seed: 12)
        var detector = SeriesDetector()
        _ = run(&detector, 0..<(Self.day * 10)) { _ in exponential(4 + 0.1 * noise.normal()) }
        let after = run(&detector, (Self.day * 10)..<(Self.day * 11)) {
            exponential(4 + 0.1 * noise.normal() + 0.01 * Double($0 - Self.day * 10) / 12)
        }
        let first = try #require(after.firstIndex { $0.deviation })
        #expect(first < 144, "found after \(first) buckets, at +\(first / 12) %")
        #expect(after[first].direction == .up)
    }

    @Test func silenceIsCalledSilence() throws {
        var noise = Noise(seed: 13)
        var detector = SeriesDetector()
        _ = run(&detector, 0..<(Self.day * 8)) { _ in (50 + 7 * noise.normal()).rounded() }
        let after = run(&detector, (Self.day * 8)..<(Self.day * 8 + 12)) { _ in 0 }
        let first = try #require(after.first { $0.deviation })
        #expect(first.kind == .silence && first.direction == .down)
    }

    @Test func restoredDetectorContinuesAsItWas() throws {
        var noise = Noise(seed: 14)
        var detector = SeriesDetector()
        _ = run(&detector, 0..<2_500) { wave($0) + 5 * noise.normal() + ($0 > 2_300 ? 30 : 0) }
        var writer = StateWriter()
        detector.save(to: &writer)
        #expect(writer.words.count * 4 < 1_400)
        var reader = StateReader(writer.words)
        var restored = try SeriesDetector(from: &reader)
        #expect(reader.isAtEnd)
        for step in 2_500..<4_000 {
            let value = wave(step) + 5 * noise.normal()
            let time = Self.start + Int64(step) * Self.step
            let left = detector.update(time: time, value: value)
            let right = restored.update(time: time, value: value)
            #expect(left == right)
        }
        #expect(throws: StateError.self) {
            var short = StateReader(Array(writer.words.dropLast()))
            _ = try SeriesDetector(from: &short)
        }
    }

    @Test("Hostile values and times neither trap nor poison", arguments: [1, 2] as [UInt64])
    func hostile(seed: UInt64) {
        var noise = Noise(seed: seed)
        var detector = SeriesDetector()
        let odd = [Double.nan, .infinity, -.infinity, 0, -0.0, 1e308, -1e308, 1e-300]
        for step in 0..<4_000 {
            let pick = noise.next()
            let value = pick % 7 == 0 ? odd[Int(pick >> 8) % odd.count] : noise.normal() * 3
            let time: Int64 =
                switch pick % 31 {
                case 0: .min
                case 1: .max
                case 2: 0
                default: Self.start + Int64(step) * Self.step
                }
            let assessment = detector.update(time: time, value: value)
            #expect((0...1).contains(assessment.score), "seed \(seed) step \(step)")
        }
        let after = detector.update(time: Self.start + 5_000 * Self.step, value: 1)
        #expect(after.score.isFinite)
    }
}
