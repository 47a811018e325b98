import Deviations
import Foundation
import Records
import TestSupport
import Testing

/// Many healthy services at once: how often the engine cries wolf, what a series and an update cost.
@Suite struct FleetTests {
    /// Records of a fleet without a fault: every service has a level, a duration, a route, a region and a plan.
    struct Fleet {
        var noise: Noise
        let services: Int
        var rowsPerBucket = 10.0
        /// Values of a further field; 0 for none.
        var tenants: UInt64 = 0
        /// Forms of messages of a service, with numbers and words in them; 0 for none.
        var forms: UInt64 = 0

        /// The records of a bucket, some so many at once, as they come in.
        mutating func batches(bucket: Int, of size: Int = 2_000) -> [RecordBatch] {
            var batches: [RecordBatch] = []
            var rows: [(time: Int64, fields: [(String, String)])] = []
            let share = Double(bucket % 288) / 288
            let wave = 1 + 0.4 * (share < 0.5 ? 4 * share - 1 : 3 - 4 * share)
            let weekend = bucket / 288 % 7 >= 5 ? 0.7 : 1
            for service in 0..<services {
                let mean = rowsPerBucket * wave * weekend * (0.6 + 0.8 * Double(service % 7) / 6)
                let count = max(0, Int((mean + mean.squareRoot() * noise.normal()).rounded()))
                for _ in 0..<count { rows.append(row(service, bucket)) }
                guard rows.count >= size || service == services - 1 else { continue }
                batches.append(RecordBatch(rows: rows))
                rows.removeAll(keepingCapacity: true)
            }
            return batches
        }

        private mutating func row(_ service: Int, _ bucket: Int) -> (time: Int64, fields: [(String, String)]) {
            let choice = noise.next()
            let time = Shop.start + Int64(bucket) * Shop.bucket + Int64(choice % UInt64(Shop.bucket))
            var further = tenants > 0 ? [("tenant", "t\(choice >> 32 % tenants)")] : []
            if forms > 0 { further.append(("_msg", message(choice >> 40 % forms, bucket))) }
            let duration = 20 * Foundation.exp(0.5 * noise.normal())
            return (
                time,
                further + [
                    ("service", "s\(service)"), ("level", noise.uniform() < 0.01 ? "error" : "info"),
                    ("route", "/r\(choice >> 8 & 3)"), ("region", "region-\(choice >> 16 % 3)"),
                    ("plan", "plan-\(choice >> 24 & 1)"), ("duration_ms", "\((duration * 100).rounded() / 100)"),
                ]
            )
        }

        /// Numbers that spread widely, or follow the time of day, or are few; words that take turns, some of them by
        /// day.
        private mutating func message(_ form: UInt64, _ bucket: Int) -> String {
            let share = Double(bucket % 288) / 288
            let busy = share < 0.5 ? 2 * share : 2 - 2 * share
            let words = ["primary", "replica", "archive"]
            let letters = Array("abcdefghij").map { String($0) }
            let word = noise.uniform() < 0.2 + 0.5 * busy ? words[0] : words[1 + Int(noise.next() % 2)]
            let name = letters[Int(form % 10)]
            switch form % 5 {
            case 0:
                let bytes = Int(Foundation.exp(8 + 1.5 * noise.normal()))
                return "wrote \(bytes) bytes of object \(noise.next() >> 8 % 100_000) to \(name) store=\(word)"
            case 1:
                let depth = max(0, Int((40 * busy + 5 + 4 * noise.normal()).rounded()))
                return "queue \(name) holds \(depth) jobs, \(noise.next() % 4) retried"
            case 2:
                return "cache \(name) hit ratio \(Int((94 + 2 * noise.normal()).rounded())) % by kind=\(word)"
            case 3:
                let load = (1_000 * (0.3 + 0.4 * busy + 0.05 * noise.normal())).rounded() / 1_000
                return "load of \(name) \(load) at user \(noise.next() % 5_000), mode=plain"
            default: return "session \(noise.next()) of \(name) answered \(noise.uniform() < 0.02 ? 404 : 200)"
            }
        }
    }

    /// `PLUMB_FLEET=400:14 swift test --filter fleetMeasured`: services and days, of which seven are learnt from.
    /// `PLUMB_FLEET=1000:1:60:60`: sixty tenants besides and sixty records a service and bucket, for what a hundred
    /// thousand series cost; nothing is reported yet. `PLUMB_FLEET=450:14:0:10:5`: no tenants, ten records, and
    /// messages of five forms, whose variables are watched.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PLUMB_FLEET"] != nil))
    func fleetMeasured() throws {
        let wanted = (ProcessInfo.processInfo.environment["PLUMB_FLEET"] ?? "").split(separator: ":").compactMap {
            Int($0)
        }
        try #require(wanted.count == 2 && wanted[1] > 7 || (3...5).contains(wanted.count))
        var fleet = Fleet(noise: Noise(seed: 11), services: wanted[0])
        if wanted.count > 2 { fleet.tenants = UInt64(wanted[2]) }
        if wanted.count > 3 { fleet.rowsPerBucket = Double(wanted[3]) }
        if wanted.count > 4 { fleet.forms = UInt64(wanted[4]) }
        let engine = try DeviationEngine()
        _ = fleet.batches(bucket: 0)
        let before = Self.residentBytes()
        var seconds = 0.0
        for bucket in 0..<(288 * wanted[1]) {
            let batches = fleet.batches(bucket: bucket)
            let start = Self.threadSeconds()
            for batch in batches { engine.observe(batch, at: JournalPosition(group: UInt64(bucket + 1))) }
            seconds += Self.threadSeconds() - start
        }
        let counters = engine.counters
        let findings = engine.deviations().count
        print("fleet| series | \(counters.series) |")
        if wanted[1] > 7 {
            print("fleet| days after learning | \(wanted[1] - 7) |")
            let aDay = Double(findings) / Double(wanted[1] - 7)
            print("fleet| findings a day in all | \(String(format: "%.2f", aDay)) |")
        }
        print("fleet| CPU ns a record | \(Int(seconds * 1e9 / Double(counters.rows))) |")
        print("fleet| CPU ns an update, all of it | \(Int(seconds * 1e9 / Double(counters.updates))) |")
        print("fleet| bytes of the process a series | \((Self.residentBytes() - before) / counters.series) |")
        print("fleet| resident MB | \(Self.residentBytes() >> 20) |")
        for finding in engine.deviations().prefix(12) {
            print("fleet-finding \(finding.kind) \(finding.change) \(finding.series) \(finding.related.count)")
        }
    }

    /// `PLUMB_DETECTORS=100000:300`: detectors and evaluations of each, half-hourly, the second half measured.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PLUMB_DETECTORS"] != nil))
    func detectorsMeasured() throws {
        let wanted = (ProcessInfo.processInfo.environment["PLUMB_DETECTORS"] ?? "").split(separator: ":").compactMap {
            Int($0)
        }
        try #require(wanted.count == 2 && wanted[1] > 100)
        for axis in [SeriesDetector.Axis.automatic, .asGiven] {
            var noise = Noise(seed: 12)
            let draws = (0..<65_536).map { _ in noise.normal() }
            var options = SeriesDetector.Options()
            options.axis = axis
            let before = Self.residentBytes()
            var detectors = [SeriesDetector](repeating: SeriesDetector(options: options), count: wanted[0])
            var seconds = 0.0
            var score = 0.0
            for step in 0..<wanted[1] {
                let time = Shop.start + Int64(step) * 6 * Shop.bucket
                let start = Self.threadSeconds()
                for index in detectors.indices {
                    let draw = draws[(step &* 7_919 &+ index &* 31) & 65_535]
                    let value = axis == .automatic ? max(0, 40 + 6 * draw).rounded() : 3 + 0.1 * draw
                    score += Double(
                        detectors[index].advance(time: time, value: value, sampling: 0.01, bar: 16) ?? 0)
                }
                if 2 * step >= wanted[1] { seconds += Self.threadSeconds() - start }
            }
            let updates = Double(wanted[0] * (wanted[1] - wanted[1] / 2))
            print("fleet| \(axis): bytes a detector | \((Self.residentBytes() - before) / wanted[0]) |")
            print("fleet| \(axis): CPU ns an update | \(Int(seconds * 1e9 / updates)) |")
            #expect(score.isFinite)
        }
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
    }

    /// A small one on every run: a week of a hundred series after the week of learning.
    @Test(arguments: [0, 4] as [UInt64]) func smallFleetIsQuiet(forms: UInt64) throws {
        var fleet = Fleet(noise: Noise(seed: 3), services: 6)
        fleet.rowsPerBucket = 8
        fleet.forms = forms
        let engine = try DeviationEngine()
        for bucket in 0..<(288 * 14) {
            for batch in fleet.batches(bucket: bucket) {
                engine.observe(batch, at: JournalPosition(group: UInt64(bucket + 1)))
            }
        }
        #expect(engine.counters.series > 100)
        #expect(engine.series.contains { $0.measure.hasPrefix("variable") } == (forms > 0))
        #expect(engine.deviations().count <= 1, "\(engine.deviations().map(\.title))")
    }
}
