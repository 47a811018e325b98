import Deviations
import Records
import TestSupport
import Testing

/// What the limits leave out is the lightest, and is counted.
@Suite struct BoundTests {
    private static let day = 288

    /// A service with sixty tenants: ten heavy ones, which from `change` on are others, and fifty light ones.
    private func batch(_ bucket: Int, change: Int, _ noise: inout Noise) -> RecordBatch {
        var rows: [(time: Int64, fields: [(String, String)])] = []
        for _ in 0..<60 {
            let draw = noise.next()
            let heavy = Int(draw >> 8 % 10) + (bucket >= change ? 10 : 0)
            let tenant = draw % 6 == 0 ? 20 + Int(draw >> 16 % 40) : heavy
            let time = Shop.start + Int64(bucket) * Shop.bucket + Int64(draw % UInt64(Shop.bucket))
            rows.append(
                (
                    time,
                    [
                        ("service", "api"), ("tenant", "t\(tenant)"),
                        ("duration_ms", "\(10 + noise.normal())"),
                    ]
                ))
        }
        return RecordBatch(rows: rows)
    }

    /// Documents in a field are no names, and forms of messages are told by how they begin.
    @Test func longTextsAreNotKept() throws {
        let storage = MemoryStorage()
        let engine = try DeviationEngine(options: EngineOptions(), storage: storage)
        var noise = Noise(seed: 8)
        for bucket in 0..<20 {
            let rows = (0..<40).map { row in
                let words = (0..<3_000).map { _ in "w\(noise.next() % 1_000_000_007)" }.joined(separator: " ")
                let time = Shop.start + Int64(bucket) * Shop.bucket + Int64(row)
                return (time: time, fields: [("service", "api"), ("body", words), ("_msg", "dump " + words)])
            }
            engine.observe(RecordBatch(rows: rows), at: JournalPosition(group: UInt64(bucket + 1)))
        }
        _ = try engine.checkpoint()
        let saved = try #require(storage.load())
        #expect(saved.count < 200_000, "\(saved.count) bytes for 40 messages mined of 24 MB")
    }

    @Test func theHeaviestAreWatched() throws {
        var options = EngineOptions()
        options.maximumSeries = 40
        let storage = MemoryStorage()
        let engine = try DeviationEngine(options: options, storage: storage)
        var noise = Noise(seed: 31)
        let change = 3 * Self.day
        for bucket in 0..<change {
            engine.observe(
                batch(bucket, change: change, &noise), at: JournalPosition(group: UInt64(bucket + 1)))
        }
        func heavy(_ tenants: Range<Int>, _ engine: DeviationEngine) -> Int {
            tenants.count { tenant in
                engine.series.contains { $0.measure == "duration_ms" && $0.value == "t\(tenant)" }
            }
        }
        #expect(heavy(0..<10, engine) == 10)
        #expect(engine.counters.series <= 40 && engine.counters.seriesWaiting > 0)

        // Others become heavy, and get the places; so they do in an engine that was started anew meanwhile.
        _ = try engine.checkpoint()
        let restarted = try DeviationEngine(options: options, storage: storage)
        for bucket in change..<(change + 8 * Self.day) {
            let rows = batch(bucket, change: change, &noise)
            for one in [engine, restarted] { one.observe(rows, at: JournalPosition(group: UInt64(bucket + 1))) }
        }
        #expect(heavy(10..<20, engine) == 10, "\(engine.series)")
        #expect(engine.counters.series <= 40 && engine.counters.seriesReplaced > 0)
        #expect(engine.counters == restarted.counters && engine.series == restarted.series)
        #expect(Set(engine.series).count == engine.series.count)
        _ = try restarted.checkpoint()
        let again = try DeviationEngine(options: options, storage: storage)
        #expect(again.series == restarted.series && again.counters == restarted.counters)
    }

    @Test func whatFallsOutsideIsCounted() throws {
        let engine = try DeviationEngine()
        let rows: [(time: Int64, fields: [(String, String)])] = (0..<3_000).map { row in
            let fields = [("service", "s\(row % 1_100)"), ("tenant", "t\(row % 100)")]
            return (Shop.start + Int64(row), fields)
        }
        engine.observe(RecordBatch(rows: rows), at: JournalPosition(group: 1))
        let later = RecordBatch(rows: [(Shop.start + 7_200_000_000_000, [("service", "s1")])])
        engine.observe(later, at: JournalPosition(group: 2))
        // Of 3,000 records 1,100 are of each service once and again, the last 800 of the first 800 a third time.
        #expect(engine.counters.unwatchedServices == 200)
        #expect(engine.counters.unwatchedValues > 0 && engine.counters.fieldsClosed == 1)
    }
}
