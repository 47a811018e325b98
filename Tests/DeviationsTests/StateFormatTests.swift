import Bytes
import Deviations
import Foundation
import Records
import TestSupport
import Testing

/// States of earlier versions as they lie on disks out there.
@Suite struct StateFormatTests {
    private func state(_ version: UInt8) throws -> MemoryStorage {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "Corpora/Formats/deviations-\(version).state")))
        #expect(bytes.prefix(4) == [version, 0, 0, 0])
        let storage = MemoryStorage()
        storage.save(bytes)
        return storage
    }

    /// Version 4 held causes without a role, no quantiles and no feedback: nine days of one service, and a finding.
    @Test func versionFourIsMigrated() throws {
        let storage = try state(4)
        let engine = try DeviationEngine(storage: storage)
        #expect(engine.counters.rows == 18_564 && engine.counters.findings == 1)
        let finding = try #require(engine.deviation(id: "d-1"))
        #expect(finding.kind == .latency && finding.series.service == "cart")
        #expect(finding.causes.first?.value == "cart" && finding.causes.allSatisfy { $0.role == .place })
        #expect(finding.feedback == .none && !finding.isResolved && !finding.points.isEmpty)

        #expect(engine.feedback(id: "d-1", isUseful: false))
        _ = try engine.checkpoint()
        #expect(storage.load()?.prefix(4) == [8, 0, 0, 0])
        let again = try DeviationEngine(storage: storage)
        #expect(again.counters == engine.counters)
        #expect(again.deviation(id: "d-1")?.feedback == .noise)
        #expect(again.deviation(id: "d-1") == engine.deviation(id: "d-1"))
    }

    /// Version 6 held all numbers in 32 and 64 bits: twelve days of one service, whose durations rose by 60 % on the
    /// last, and a baseline frozen after it.
    @Test func versionSixIsPacked() throws {
        let storage = try state(6)
        let wide = storage.load()?.count ?? 0
        let engine = try DeviationEngine(storage: storage)
        #expect(engine.counters.rows == 29_544 && engine.frozenBaselines.map(\.name) == ["before"])
        let finding = try #require(engine.deviation(id: "d-1"))
        #expect(finding.kind == .latency && !finding.isResolved && abs(finding.observed - 15.8) < 0.2)
        let label = SeriesLabel(measure: "duration_ms", service: "cart", field: "plan", value: "full")
        let points = engine.points(of: label)
        // The finding's chart is as the version that saved it drew it.
        let drawn = Dictionary(uniqueKeysWithValues: finding.points.map { ($0.time, $0) })
        #expect(points.count { drawn[$0.time] != nil } >= 30)
        for point in points {
            guard let old = drawn[point.time] else { continue }
            #expect(abs(point.observed / old.observed - 1) < 0.002, "\(point) \(old)")
            #expect(abs(point.expectedLow / old.expectedLow - 1) < 0.03, "\(point) \(old)")
            #expect(abs(point.expectedHigh / old.expectedHigh - 1) < 0.03, "\(point) \(old)")
        }

        _ = try engine.checkpoint()
        let packed = storage.load()?.count ?? 0
        #expect(2 * packed < wide, "\(packed) bytes instead of \(wide)")
        let again = try DeviationEngine(storage: storage)
        #expect(again.points(of: label) == points)
        try goOn(again)
        #expect(again.comparison(withFrozen: "before")?.isEmpty == false)
    }

    /// Version 7 knew no variables of messages: twelve days of one service, whose durations rose by 60 % on the last,
    /// and whose messages hold a number and words that take turns.
    @Test func versionSevenLearnsVariables() throws {
        let storage = try state(7)
        let engine = try DeviationEngine(storage: storage)
        #expect(engine.counters.rows == 31_424 && engine.counters.series == 10)
        let finding = try #require(engine.deviation(id: "d-1"))
        #expect(finding.kind == .latency && !finding.isResolved && finding.series.service == "cart")
        let points = Dictionary(uniqueKeysWithValues: engine.series.map { ($0, engine.points(of: $0)) })
        _ = try engine.checkpoint()
        #expect(storage.load()?.prefix(4) == [8, 0, 0, 0])
        let again = try DeviationEngine(storage: storage)
        #expect(again.counters == engine.counters && again.deviation(id: "d-1") == finding)
        for (label, known) in points { #expect(again.points(of: label) == known) }
        var noise = Noise(seed: 22)
        for bucket in (12 * 288)..<(14 * 288) {
            let rows: [(time: Int64, fields: [(String, String)])] = (0..<9).map { row in
                let cache = row % 3 == 0 ? "cold" : "warm"
                let text = "cart served from cache=\(cache), hit ratio \(Int(97 + noise.normal()))"
                let fields = [("service", "cart"), ("level", "info"), ("duration_ms", "25.5"), ("_msg", text)]
                return (time: Shop.start + Int64(bucket) * Shop.bucket + Int64(row) * 1_000_000_000, fields: fields)
            }
            again.observe(RecordBatch(rows: rows), at: JournalPosition(group: UInt64(bucket + 1)))
        }
        #expect(again.series.contains { $0.measure == "variable 2 (ratio)" })
        #expect(again.series.count { $0.measure == "share in variable 1 (cache)" } == 3)
    }

    /// The baselines are those of twelve days: two more of the same are no news, a tenth of the records are.
    private func goOn(_ engine: DeviationEngine) throws {
        var noise = Noise(seed: 21)
        let start: Int64 = 1_773_446_400_000_000_000
        func batch(_ bucket: Int, mean: Double) -> RecordBatch {
            let wave = 1 + 0.3 * sin(Double(bucket % 288) / 288 * 6.283)
            let count = max(0, Int((mean * wave + 3 * noise.normal()).rounded()))
            return RecordBatch(
                rows: (0..<count).map { row in
                    (
                        time: start + Int64(bucket) * Shop.bucket + Int64(row) * 1_000_000_000,
                        fields: [
                            ("service", "cart"), ("level", "info"), ("plan", row % 2 == 0 ? "basic" : "full"),
                            ("duration_ms", "\(16 * exp(0.4 * noise.normal()))"), ("_msg", "served the cart"),
                        ]
                    )
                })
        }
        for bucket in 0..<(2 * 288) {
            engine.observe(batch(bucket, mean: 9), at: JournalPosition(group: UInt64(1_000_000 + bucket)))
        }
        #expect(engine.deviations().count <= 2, "\(engine.deviations().map(\.title))")
        let known = Set(engine.deviations().map(\.id))
        for bucket in (2 * 288)..<(2 * 288 + 48) {
            engine.observe(batch(bucket, mean: 27), at: JournalPosition(group: UInt64(1_000_000 + bucket)))
        }
        #expect(engine.deviations().contains { !known.contains($0.id) && $0.kind == .traffic && $0.direction == .up })
    }
}
