import Deviations
import Records
import Testing

/// Baselines of past windows, learnt from stored records.
@Suite struct WindowBaselineTests {
    private static let day = 288
    private static let cart = SeriesLabel(measure: "records", service: "cart")

    private func time(_ bucket: Int) -> Int64 { Shop.start + Int64(bucket) * Shop.bucket }

    /// Blocks that overlap, as those of several connections do: of every six hours the even rows and the odd ones.
    private func blocks(_ batches: [RecordBatch]) -> [BatchBlock] {
        stride(from: 0, to: batches.count, by: 72).flatMap { first in
            var join = BatchJoin(batches[first])
            for batch in batches[(first + 1)..<min(first + 72, batches.count)] { join.append(batch) }
            let whole = join.joined()
            return [0, 1].map { half in
                BatchBlock(whole.selecting(whole.times.indices.filter { $0 % 2 == half }))
            }
        }
    }

    /// The engine learnt while traffic was nearly twice as high; the week before is still in the store.
    @Test func pastWeekIsComparedWith() throws {
        var shop = Shop(seed: 41)
        let change = 7 * Self.day
        shop.trafficFactor = { $0 >= change ? 1.8 : 1 }
        let batches = (0..<(change + 3 * Self.day)).map { shop.batch(bucket: $0) }
        let storage = MemoryStorage()
        let engine = try DeviationEngine(storage: storage)
        for bucket in change..<batches.count {
            engine.observe(batches[bucket], at: JournalPosition(group: UInt64(bucket + 1)))
        }
        var learnt = engine.baseline(of: time(0)..<time(change))
        for block in blocks(batches) { try learnt.add(block) }
        let series = engine.freeze("last week", as: learnt)
        #expect((series ?? 0) > 20 && engine.frozenBaselines.map(\.capturedAt) == [time(change)])

        let found = try #require(engine.comparison(withFrozen: "last week"))
        let traffic = try #require(found.first { $0.series == Self.cart })
        #expect(abs(traffic.observed / traffic.frozen - 1.8) < 0.15, "\(traffic)")
        #expect(abs(traffic.observed / traffic.living - 1) < 0.15 && traffic.standardErrors > 5, "\(traffic)")
        let duration = try #require(found.first { $0.series.measure == "duration_ms" && $0.series.service == "cart" })
        #expect(abs(duration.observed / duration.frozen - 1) < 0.1 && abs(duration.standardErrors) < 5)
        _ = try engine.checkpoint()
        #expect(try DeviationEngine(storage: storage).comparison(withFrozen: "last week") == found)
    }

    /// What the engine itself knew at the end of a window and what is learnt from that window's records is the same.
    @Test func learningFromBlocksIsLearningFromTheStream() throws {
        var shop = Shop(seed: 42)
        let batches = (0..<(8 * Self.day)).map { shop.batch(bucket: $0) }
        let engine = try DeviationEngine()
        for (bucket, batch) in batches.prefix(7 * Self.day).enumerated() {
            engine.observe(batch, at: JournalPosition(group: UInt64(bucket + 1)))
        }
        engine.advance(to: time(7 * Self.day + 3))
        #expect(engine.freeze("living"))
        var learnt = engine.baseline(of: time(0)..<time(7 * Self.day))
        for block in blocks(batches) { try learnt.add(block) }
        #expect(engine.freeze("learnt", as: learnt) != nil)
        for (bucket, batch) in batches.enumerated().dropFirst(7 * Self.day) {
            engine.observe(batch, at: JournalPosition(group: UInt64(bucket + 1)))
        }
        let living = try #require(engine.comparison(withFrozen: "living"))
        let found = try #require(engine.comparison(withFrozen: "learnt"))
        for one in living where one.series.field == nil {
            let other = try #require(found.first { $0.series == one.series })
            #expect(abs(other.frozen - one.frozen) <= 1e-3 * abs(one.frozen), "\(one) \(other)")
        }
    }

    @Test func anEmptyWindowIsNotKept() throws {
        var shop = Shop(seed: 43)
        let engine = try DeviationEngine()
        for bucket in 0..<48 {
            engine.observe(shop.batch(bucket: bucket), at: JournalPosition(group: UInt64(bucket + 1)))
        }
        #expect(engine.freeze("nothing", as: engine.baseline(of: time(-96)..<time(-48))) == 0)
        #expect(engine.frozenBaselines.isEmpty)
        // Two hours hold twelve evaluations after the one in which series are chosen.
        var learnt = engine.baseline(of: time(0)..<time(24))
        try learnt.add(BatchBlock(shop.batch(bucket: 3)))
        #expect(learnt.records > 0 && engine.freeze("little", as: learnt) == 0)
    }
}
