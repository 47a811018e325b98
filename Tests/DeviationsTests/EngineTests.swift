import Deviations
import Records
import Synchronization
import TestSupport
import Testing

/// State in memory.
final class MemoryStorage: StateStorage {
    private let bytes = Mutex<[UInt8]?>(nil)

    func load() -> [UInt8]? { bytes.withLock { $0 } }
    func save(_ saved: [UInt8]) { bytes.withLock { $0 = saved } }
}

@Suite struct EngineTests {
    private static let day = 288

    private func run(_ shop: inout Shop, _ engine: DeviationEngine, _ buckets: Range<Int>) {
        for bucket in buckets {
            engine.observe(shop.batch(bucket: bucket), at: JournalPosition(group: UInt64(bucket + 1)))
        }
    }

    private func time(_ bucket: Int) -> Int64 { Shop.start + Int64(bucket) * Shop.bucket }

    @Test func healthyWeeksAreQuiet() throws {
        var shop = Shop(seed: 1)
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(Self.day * 12))
        #expect(engine.deviations().count <= 1, "\(engine.deviations().map(\.title))")
        #expect(engine.counters.series > 20)
        #expect(engine.counters.late == 0)
    }

    @Test func driftOfOneCategoryIsFoundAndNamed() throws {
        var shop = Shop(seed: 2)
        let onset = Self.day * 10
        shop.slowness = { service, category, bucket in
            service == "catalog" && category == "garden" && bucket >= onset
                ? 1 + 0.02 * Double(bucket - onset) / 12 : 1
        }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(onset + Self.day))
        let finding = try #require(engine.deviations().first { $0.kind == .latency })
        #expect(finding.onset > time(onset) - 6 * 3_600_000_000_000)
        #expect(finding.detectedAt < time(onset + Self.day))
        #expect(finding.causes.contains { $0.field == "service" && $0.value == "catalog" })
        let category = try #require(finding.causes.first { $0.field == "category" })
        #expect(category.value == "garden" && category.change > 1.05)
        #expect(!finding.causes.contains { $0.field == "category" && $0.value == "books" })
        #expect(
            !finding.samples.isEmpty && finding.samples.allSatisfy { $0.service == "catalog" && !$0.traceID.isEmpty })
        #expect(finding.points.count > 20)
        #expect(engine.deviation(id: finding.id) == finding)
    }

    @Test func trafficJumpOfAllServicesIsOneFinding() throws {
        var shop = Shop(seed: 3)
        let jump = Self.day * 9
        shop.trafficFactor = { $0 >= jump ? 2.5 : 1 }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(jump + Self.day))
        let findings = engine.deviations()
        #expect(findings.count { $0.kind == .traffic } == 1, "\(findings.map(\.title))")
        #expect(findings.count <= 2)
        let finding = try #require(findings.first { $0.kind == .traffic })
        #expect(finding.detectedAt <= time(jump + 6))
        #expect(Set(finding.related.map(\.service)).count == 3)
    }

    @Test func silentServiceIsFound() throws {
        var shop = Shop(seed: 4)
        let stop = Self.day * 9
        shop.isSilent = { service, bucket in service == "cart" && bucket >= stop }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(stop + 24))
        let finding = try #require(engine.deviations().first)
        #expect(finding.series.service == "cart" && finding.direction == .down)
        #expect(finding.detectedAt <= time(stop + 6))
    }

    @Test func burstOfErrorsIsFound() throws {
        var shop = Shop(seed: 5)
        let burst = Self.day * 9
        shop.errors = { service, bucket in service == "catalog" && bucket >= burst ? 150 : 4 }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(burst + 24))
        let finding = try #require(engine.deviations().first { $0.kind == .errors })
        #expect(finding.series.service == "catalog")
        #expect(finding.detectedAt <= time(burst + 8))
        #expect(finding.observed > 0.05)
    }

    @Test func restartNeitherForgetsNorCountsTwice() throws {
        var shop = Shop(seed: 6)
        shop.slowness = { _, category, bucket in category == "toys" && bucket >= 2_500 ? 1.5 : 1 }
        let batches = (0..<2_700).map { shop.batch(bucket: $0) }
        let whole = try DeviationEngine()
        for (index, batch) in batches.enumerated() {
            whole.observe(batch, at: JournalPosition(group: UInt64(index + 1)))
        }

        let storage = MemoryStorage()
        var engine = try DeviationEngine(storage: storage)
        for (index, batch) in batches.enumerated() {
            engine.observe(batch, at: JournalPosition(group: UInt64(index + 1)))
            guard [100, 1_333, 2_510, 2_600].contains(index) else { continue }
            let covered = try engine.checkpoint()
            #expect(covered.group == UInt64(index + 1))
            engine = try DeviationEngine(storage: storage)
            #expect(engine.checkpointedPosition == covered)
            // The store replays the last group again: it must not count.
            engine.observe(batch, at: JournalPosition(group: UInt64(index + 1)))
        }
        #expect(engine.counters == whole.counters)
        #expect(!whole.deviations().isEmpty)
        #expect(engine.deviations().map(\.id) == whole.deviations().map(\.id))
        #expect(engine.deviations().map(\.onset) == whole.deviations().map(\.onset))
        #expect(engine.deviations().map(\.causes) == whole.deviations().map(\.causes))
    }

    @Test("A damaged state is refused", arguments: [0, 5, 1_000])
    func damaged(offset: Int) throws {
        var shop = Shop(seed: 7)
        let storage = MemoryStorage()
        let engine = try DeviationEngine(storage: storage)
        run(&shop, engine, 0..<50)
        _ = try engine.checkpoint()
        var bytes = try #require(storage.load())
        bytes[offset] ^= 0x40
        storage.save(bytes)
        #expect(throws: (any Error).self) { try DeviationEngine(storage: storage) }
        storage.save(Array(bytes.prefix(offset)))
        #expect(throws: (any Error).self) { try DeviationEngine(storage: storage) }
    }

    @Test func lateAndFutureRecordsAreCounted() throws {
        let engine = try DeviationEngine()
        func batch(_ seconds: Int64, rows: Int = 10) -> RecordBatch {
            RecordBatch(rows: (0..<rows).map { (Shop.start + seconds * 1_000_000_000 + Int64($0), [("service", "a")]) })
        }
        engine.observe(batch(0), at: JournalPosition(group: 1))
        engine.observe(batch(3_600), at: JournalPosition(group: 2))
        engine.observe(batch(60), at: JournalPosition(group: 3))
        #expect(engine.counters.late == 10)
        engine.observe(batch(400 * 86_400), at: JournalPosition(group: 4))
        #expect(engine.counters.ahead == 10)
        engine.observe(batch(400 * 86_400, rows: 1_200), at: JournalPosition(group: 5))
        #expect(engine.counters.ahead == 10)
        engine.observe(batch(3_700), at: JournalPosition(group: 6))
        #expect(engine.counters.late == 20)
    }

    @Test func newFormOfErrorIsFoundOnce() throws {
        var shop = Shop(seed: 9)
        let first = Self.day * 8
        shop.errors = { service, _ in service == "catalog" ? 20 : 2 }
        shop.errorText = { bucket in
            bucket >= first ? "cache node \(bucket % 7) refused: quota exceeded" : "request \(bucket) timed out"
        }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(first + 72))
        let finding = try #require(engine.deviations().last { $0.kind == .pattern })
        #expect(finding.series.service == "catalog")
        #expect(finding.series.value?.contains("quota exceeded") == true)
        #expect(finding.onset >= time(first) && finding.detectedAt < time(first + 36))
        #expect(engine.deviations().count { $0.kind == .pattern && $0.series.service == "catalog" } == 1)
    }

    @Test func vanishedMessageAndNewValueAreFound() throws {
        var shop = Shop(seed: 12)
        let change = Self.day * 10
        shop.message = { category, bucket in
            category == "toys" && bucket >= change ? "handed \(bucket) over" : "served \(category) \(bucket) at once"
        }
        shop.plan = { bucket, draw in bucket >= change && draw % 5 == 0 ? "trial" : draw % 2 == 0 ? "basic" : "full" }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(change + 96))
        let value = try #require(engine.deviations().first { $0.kind == .value })
        #expect(value.causes.contains { $0.field == "plan" && $0.value == "trial" })
        #expect(value.onset >= time(change) - Shop.bucket && value.detectedAt <= time(change + 24))
        #expect(engine.deviations().count { $0.kind == .value && $0.series.service == value.series.service } == 1)
        let silent = try #require(engine.deviations().first { $0.kind == .silence && $0.series.field == "_msg" })
        #expect(silent.series.value?.contains("toys") == true, "\(silent.title)")
        #expect(silent.onset <= time(change) && silent.detectedAt > time(change))
    }

    @Test func tailOfDurationsIsFound() throws {
        var shop = Shop(seed: 13)
        let change = Self.day * 9
        // One request in twelve takes ten times as long: the mean hardly moves, the 99th percentile does.
        shop.stall = { service, bucket, draw in
            service == "cart" && bucket >= change && draw % 12 == 0 ? 10 : 1
        }
        shop.rowsPerBucket = 200
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(change + 48))
        let finding = try #require(engine.deviations().first { $0.kind == .latency })
        #expect(finding.related.contains { $0.measure.hasPrefix("p9") && $0.service == "cart" }, "\(finding.related)")
        #expect(finding.causes.first?.value == "cart")
    }

    @Test func statusIsWatched() throws {
        var shop = Shop(seed: 14)
        let change = Self.day * 9
        shop.status = { bucket, draw in bucket >= change && draw % 4 == 0 ? "404" : draw % 100 == 0 ? "404" : "200" }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(change + 48))
        let finding = try #require(engine.deviations().first { $0.kind == .traffic })
        #expect(finding.related.contains { $0.field == "status" && $0.value == "404" }, "\(finding.related)")
    }

    /// One form of message comes three times as often while its service speaks as much as ever.
    @Test func rateOfOneFormIsWatched() throws {
        var shop = Shop(seed: 16)
        let change = Self.day * 9
        let words = ["accepted", "packed", "shipped", "billed"]
        var noise = Noise(seed: 160)
        var weights: [Double] = [0.7, 0.1, 0.1, 0.1]
        var isChanged = false
        shop.message = { _, bucket in
            if bucket >= change, !isChanged {
                isChanged = true
                weights = [0.5, 0.3, 0.1, 0.1]
            }
            var draw = noise.uniform()
            for (word, weight) in zip(words, weights) {
                draw -= weight
                if draw < 0 { return "order \(noise.next() % 100_000) \(word) after \(noise.next() % 900) ms" }
            }
            return "order 1 billed after 2 ms"
        }
        shop.rowsPerBucket = 80
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<change)
        #expect(engine.deviations().isEmpty, "\(engine.deviations().map(\.title))")
        #expect(engine.series.contains { $0.field == "_msg" && $0.value?.contains("packed") == true })
        run(&shop, engine, change..<(change + 72))
        let finding = try #require(engine.deviations().first { $0.kind == .traffic })
        #expect(finding.related.contains { $0.field == "_msg" && $0.value?.contains("packed") == true })
        #expect(finding.onset >= time(change) - 2 * 3_600_000_000_000 && finding.detectedAt <= time(change + 60))
        #expect(finding.causes.contains { $0.field == "_msg" })
        #expect(engine.deviations().count { $0.kind == .traffic } == 1)
    }

    /// Four records an hour are few, but a night without any is not like them.
    @Test func silenceOfARareServiceIsFound() throws {
        var shop = Shop(seed: 17)
        let stop = Self.day * 10
        shop.rowsPerBucket = 20
        var noise = Noise(seed: 170)
        let engine = try DeviationEngine()
        for bucket in 0..<(stop + 144) {
            var rows: [(time: Int64, fields: [(String, String)])] = []
            if bucket < stop, noise.uniform() < 1 / 3.0 {
                rows.append((time(bucket) + 1_000_000_000, [("service", "ledger"), ("level", "info")]))
            }
            engine.observe(shop.batch(bucket: bucket), at: JournalPosition(group: UInt64(2 * bucket + 1)))
            if !rows.isEmpty {
                engine.observe(RecordBatch(rows: rows), at: JournalPosition(group: UInt64(2 * bucket + 2)))
            }
        }
        let found = engine.deviations()
        #expect(found.count == 1, "\(found.map(\.title))")
        #expect(found.first?.series.service == "ledger" && found.first?.kind == .silence)
        #expect(found.first.map { $0.detectedAt <= time(stop + 108) } == true)
    }

    /// One plan of four fails: a share of the service's errors that is no news, and one of the plan's that is.
    @Test func errorsOfOneRouteAreFound() throws {
        var shop = Shop(seed: 18)
        let change = Self.day * 9
        var isHit = false
        shop.plan = { bucket, draw in
            isHit = bucket >= change && draw % 8 == 0
            return "p\(draw % 8)"
        }
        shop.status = { _, draw in isHit && draw % 4 == 0 ? "503" : "200" }
        shop.rowsPerBucket = 60
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<change)
        #expect(engine.deviations().isEmpty, "\(engine.deviations().map(\.title))")
        run(&shop, engine, change..<(change + 72))
        let finding = try #require(engine.deviations().first { $0.kind == .errors })
        #expect(finding.causes.contains { $0.field == "plan" && $0.value == "p0" }, "\(finding.causes)")
        #expect(finding.expected <= finding.expectedHigh && finding.observed > finding.expectedHigh)
    }

    @Test("The range shown is that of what is compared", arguments: [19, 20] as [UInt64])
    func rangeOfTheMean(seed: UInt64) throws {
        var shop = Shop(seed: seed)
        let change = Self.day * 9
        // A tenth of the noise of single means, seen over hours.
        shop.slowness = { service, _, bucket in service == "cart" && bucket >= change ? 1.12 : 1 }
        let engine = try DeviationEngine()
        run(&shop, engine, 0..<(change + 60))
        let finding = try #require(engine.deviations().first { $0.kind == .latency })
        #expect(finding.expectedLow < finding.expected && finding.expected < finding.expectedHigh)
        #expect(finding.observed > finding.expectedHigh, "\(finding.observed) \(finding.expectedHigh)")
    }

    /// The living baseline follows a new level within a week or so; the frozen one does not.
    @Test func frozenBaselineStays() throws {
        var shop = Shop(seed: 15)
        let change = Self.day * 8
        shop.trafficFactor = { $0 >= change ? 1.8 : 1 }
        let storage = MemoryStorage()
        var engine = try DeviationEngine(storage: storage)
        run(&shop, engine, 0..<change)
        #expect(engine.freeze("before launch"))
        #expect(engine.comparison(withFrozen: "another") == nil)
        run(&shop, engine, change..<(change + 14 * Self.day))
        let found = try #require(engine.comparison(withFrozen: "before launch"))
        let traffic = try #require(found.first { $0.series == SeriesLabel(measure: "records", service: "cart") })
        #expect(abs(traffic.observed / traffic.frozen - 1.8) < 0.15, "\(traffic)")
        #expect(abs(traffic.observed / traffic.living - 1) < 0.15, "\(traffic)")
        #expect(traffic.standardErrors > 5)
        let duration = try #require(found.first { $0.series.measure == "duration_ms" && $0.series.service == "cart" })
        #expect(abs(duration.observed / duration.frozen - 1) < 0.1 && abs(duration.standardErrors) < 5)

        _ = try engine.checkpoint()
        engine = try DeviationEngine(storage: storage)
        #expect(engine.comparison(withFrozen: "before launch") == found)
        for name in ["b", "c"] { #expect(engine.freeze(name)) }
        #expect(!engine.freeze("d"))
        #expect(engine.removeFrozenBaseline("b") && engine.freeze("d"))
        #expect(engine.frozenBaselines.map(\.name) == ["before launch", "c", "d"])
    }

    @Test func callbackTellsOfNewFindings() throws {
        var shop = Shop(seed: 8)
        shop.trafficFactor = { $0 >= 2_400 ? 3 : 1 }
        let engine = try DeviationEngine()
        let seen = Mutex<[String]>([])
        engine.onChange { deviation in seen.withLock { $0.append(deviation.id) } }
        run(&shop, engine, 0..<2_420)
        #expect(seen.withLock { $0.first } == engine.deviations().last?.id)
        #expect(engine.feedback(id: "d-1", isUseful: false))
        #expect(!engine.feedback(id: "d-99", isUseful: true))
    }
}
