import Deviations
import Records
import TestSupport
import Testing

/// What stands in messages and in no field: numbers, and words that take turns.
@Suite struct VariableTests {
    private static let day = 288
    private static let hour: Int64 = 3_600_000_000_000

    private func run(_ shop: inout Shop, _ engine: DeviationEngine, _ buckets: Range<Int>) {
        for bucket in buckets {
            engine.observe(shop.batch(bucket: bucket), at: JournalPosition(group: UInt64(bucket + 1)))
        }
    }

    private func time(_ bucket: Int) -> Int64 { Shop.start + Int64(bucket) * Shop.bucket }

    /// Messages with a ratio around 97, or what `ratio` says, and one of three backends.
    private func shop(
        seed: UInt64, ratio: @escaping (Int) -> Int = { _ in 97 },
        backend: @escaping (Int, Double) -> String = { _, draw in draw < 1 / 3.0 ? "a" : draw < 2 / 3.0 ? "b" : "c" }
    ) -> Shop {
        var shop = Shop(seed: seed)
        var noise = Noise(seed: seed &* 1_000)
        shop.message = { _, bucket in
            let draw = noise.uniform()
            let measured = ratio(bucket) + Int((2 * noise.normal()).rounded())
            return "lookup \(noise.next() % 1_000_000) of backend=\(backend(bucket, draw)), cache hit ratio \(measured)"
        }
        return shop
    }

    @Test("A number that sinks within a message", arguments: [31, 32] as [UInt64])
    func levelIsWatched(seed: UInt64) throws {
        let change = Self.day * 10
        var shop = shop(seed: seed, ratio: { $0 >= change ? 61 : 97 })
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<change)
        #expect(engine.deviations().isEmpty, "\(engine.deviations().map(\.title))")
        #expect(engine.series.contains { $0.measure == "variable 3 (ratio)" && $0.service == "cart" })
        run(&shop, engine, change..<(change + 48))
        let found = engine.deviations()
        #expect(found.count == 1, "\(found.map(\.title))")
        let finding = try #require(found.first)
        #expect(finding.kind == .variable && finding.direction == .down)
        #expect(finding.series.measure == "variable 3 (ratio)")
        #expect(finding.series.value == "lookup <*> of backend=<*>, cache hit ratio <3>", "\(finding.series)")
        #expect(finding.detectedAt <= time(change) + 3 * Self.hour && abs(finding.onset - time(change)) <= Self.hour)
        #expect(abs(finding.observed - 61) < 2 && abs(finding.expected - 97) < 1)
        #expect(finding.expectedLow > 90 && finding.expectedHigh < 103 && finding.expectedLow < finding.expectedHigh)
        #expect(finding.causes.first?.field == "service")
        #expect(finding.causes.contains { $0.field == "_msg" && $0.value.hasSuffix("ratio <3>") && $0.change < 0.7 })
        #expect(!finding.samples.isEmpty && finding.samples.allSatisfy { $0.message.contains("cache hit ratio") })
        #expect(finding.points.count > 20 && finding.title.contains(" from 9"), "\(finding.title)")
        // All three services say it: one finding.
        #expect(Set(finding.related.map(\.service)).count == 3)
    }

    @Test("Words that no longer take turns evenly", arguments: [33, 34] as [UInt64])
    func sharesAreWatched(seed: UInt64) throws {
        let change = Self.day * 10
        var shop = shop(
            seed: seed,
            backend: { bucket, draw in
                bucket >= change ? draw < 0.9 ? "b" : "c" : draw < 1 / 3.0 ? "a" : draw < 2 / 3.0 ? "b" : "c"
            })
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<change)
        #expect(engine.deviations().isEmpty, "\(engine.deviations().map(\.title))")
        run(&shop, engine, change..<(change + 48))
        let found = engine.deviations()
        #expect(found.count == 1, "\(found.map(\.title))")
        let finding = try #require(found.first)
        #expect(finding.kind == .variable && finding.unit == "share of messages")
        #expect(finding.detectedAt <= time(change) + 4 * Self.hour)
        #expect(abs(finding.expected - 1 / 3.0) < 0.05 && finding.expectedLow < 0.3 && finding.expectedHigh < 0.7)
        #expect(finding.related.contains { $0.value == "lookup <*> of backend=b, cache hit ratio <*>" })
        #expect(finding.causes.contains { $0.field == "_msg" && $0.value.contains("backend=b") && $0.change > 2 })
    }

    @Test func aNewWordIsNamed() throws {
        let change = Self.day * 10
        var shop = shop(seed: 35, backend: { bucket, draw in bucket >= change && draw < 0.3 ? "spare" : "a" })
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(change + 48))
        let found = engine.deviations()
        #expect(found.count == 1, "\(found.map(\.title))")
        let finding = try #require(found.first)
        #expect(finding.kind == .variable && finding.series.value?.contains("backend=<other>") == true)
        #expect(finding.causes.contains { $0.value == "lookup <*> of backend=spare, cache hit ratio <*>" })
    }

    /// A message that says what a field says is watched in the field alone, and one that moves with it is told of
    /// together with it.
    @Test("What a field says too makes no second finding", arguments: [36, 37] as [UInt64])
    func repeatedFields(seed: UInt64) throws {
        let change = Self.day * 10
        var shop = Shop(seed: seed)
        var noise = Noise(seed: seed &* 1_000)
        shop.slowness = { service, _, bucket in service == "cart" && bucket >= change ? 2 : 1 }
        shop.messageOfDuration = { service, duration, bucket in
            let depth = Int(20 * (service == "cart" && bucket >= change ? 3 : 1) + 3 * noise.normal())
            return "served in \(Int(duration.rounded())) ms, \(depth) waiting"
        }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<change)
        #expect(engine.deviations().isEmpty, "\(engine.deviations().map(\.title))")
        let variables = engine.series.filter { $0.measure.hasPrefix("variable") }
        #expect(Set(variables.compactMap(\.value)) == ["served in <*> ms, <2> waiting"], "\(variables)")
        run(&shop, engine, change..<(change + 72))
        let found = engine.deviations()
        #expect(found.count == 1 && found.first?.kind == .latency, "\(found.map(\.title))")
        #expect(found.first?.related.contains { $0.measure.hasPrefix("variable 2") } == true)
        #expect(found.first?.causes.first?.value == "cart" && found.first?.series.measure.contains("duration") == true)
    }

    /// Counters, identifiers, addresses and pods are left alone, however they move.
    @Test func whatTellsApartIsLeftAlone() throws {
        var shop = Shop(seed: 38)
        var noise = Noise(seed: 380)
        var written = 5_000_000
        shop.message = { _, bucket in
            written += Int(noise.next() % 50)
            let pod = "api-7d9c\(bucket / 1_000)f-x\(noise.next() % 3)k2"
            let user = noise.next() % UInt64(1_000 + 200 * bucket)
            return "order \(noise.next() % 9_999) from 10.0.\(bucket / 600).\(noise.next() % 200) by \(pod): "
                + "offset \(written), total \(written) read for user=u\(user)"
        }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(Self.day * 14))
        let variables = engine.series.filter { $0.measure.contains("variable") }
        #expect(variables.isEmpty, "\(variables)")
        #expect(engine.deviations().isEmpty, "\(engine.deviations().map(\.title))")
    }

    /// A service keeps its sixteen most frequent forms, whatever came first.
    @Test func theMostFrequentFormsAreWatched() throws {
        var shop = Shop(seed: 39)
        var noise = Noise(seed: 390)
        let letters = "abcdefghijklmnopqrst".map { String($0) }
        let words = letters.map { "odd" + $0 } + letters.map { "even" + $0 }
        shop.message = { _, bucket in
            // Ten forms are ten times as frequent as the thirty others; from the third day on other ten.
            let draw = Int(noise.next() % 130)
            let heavy = bucket < 3 * Self.day ? 0 : 20
            let word = draw < 100 ? words[(draw % 10) + heavy] : words[draw - 100 + (draw - 100 >= heavy ? 10 : 0)]
            return "\(word) \(word) \(word) \(word) took \(100 + Int(10 * noise.normal())) cycles"
        }
        shop.rowsPerBucket = 120
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(Self.day * 8))
        func watched(_ word: String) -> Bool {
            engine.series.contains { $0.measure == "variable 1 (took)" && $0.value?.hasPrefix(word) == true }
        }
        #expect((20..<30).count { watched(words[$0]) } == 10)
        for service in Shop.services {
            #expect(engine.series.count { $0.service == service && $0.measure.hasPrefix("variable") } <= 16)
        }
    }

    @Test func restartNeitherForgetsNorCountsTwice() throws {
        let change = Self.day * 9
        var shop = shop(seed: 40, ratio: { $0 >= change ? 70 : 97 })
        let batches = (0..<(change + 60)).map { shop.batch(bucket: $0) }
        let whole = try DeviationEngine()
        let storage = MemoryStorage()
        var engine = try DeviationEngine(storage: storage)
        for (index, batch) in batches.enumerated() {
            let position = JournalPosition(group: UInt64(index + 1))
            whole.observe(batch, at: position)
            engine.observe(batch, at: position)
            guard [2, 11, 30, 700, change + 3, change + 20].contains(index) else { continue }
            _ = try engine.checkpoint()
            engine = try DeviationEngine(storage: storage)
        }
        #expect(whole.deviations().contains { $0.kind == .variable })
        #expect(engine.counters == whole.counters && engine.series == whole.series)
        #expect(engine.deviations().map(\.title) == whole.deviations().map(\.title))
        #expect(engine.deviations().map(\.onset) == whole.deviations().map(\.onset))
        #expect(engine.deviations().map(\.causes) == whole.deviations().map(\.causes))
    }
}
