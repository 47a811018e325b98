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

        mutating func batch(bucket: Int) -> RecordBatch {
            var rows: [(time: Int64, fields: [(String, String)])] = []
            let share = Double(bucket % 288) / 288
            let wave = 1 + 0.4 * (share < 0.5 ? 4 * share - 1 : 3 - 4 * share)
            let weekend = bucket / 288 % 7 >= 5 ? 0.7 : 1
            for service in 0..<services {
                let mean = rowsPerBucket * wave * weekend * (0.6 + 0.8 * Double(service % 7) / 6)
                let count = max(0, Int((mean + mean.squareRoot() * noise.normal()).rounded()))
                for _ in 0..<count { rows.append(row(service, bucket)) }
            }
            return RecordBatch(rows: rows)
        }

        private mutating func row(_ service: Int, _ bucket: Int) -> (time: Int64, fields: [(String, String)]) {
            let choice = noise.next()
            let time = Shop.start + Int64(bucket) * Shop.bucket + Int64(choice % UInt64(Shop.bucket))
            let further = tenants > 0 ? [("tenant", "t\(choice >> 32 % tenants)")] : []
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
    }

    /// `PLUMB_FLEET=400:14 swift test --filter fleetMeasured`: services and days, of which seven are learnt from.
    /// `PLUMB_FLEET=1000:1:60:60`: sixty tenants besides and sixty records a service and bucket, for what a hundred
    /// thousand series cost; nothing is reported yet.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PLUMB_FLEET"] != nil))
    func fleetMeasured() throws {
        let wanted = (ProcessInfo.processInfo.environment["PLUMB_FLEET"] ?? "").split(separator: ":").compactMap {
            Int($0)
        }
        try #require(wanted.count == 2 && wanted[1] > 7 || [3, 4].contains(wanted.count))
        var fleet = Fleet(noise: Noise(seed: 11), services: wanted[0])
        if wanted.count > 2 { fleet.tenants = UInt64(wanted[2]) }
        if wanted.count > 3 { fleet.rowsPerBucket = Double(wanted[3]) }
        let engine = try DeviationEngine()
        _ = fleet.batch(bucket: 0)
        let before = Self.residentBytes()
        var seconds = 0.0
        for bucket in 0..<(288 * wanted[1]) {
            let batch = fleet.batch(bucket: bucket)
            let start = Self.threadSeconds()
            engine.observe(batch, at: JournalPosition(group: UInt64(bucket + 1)))
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
    @Test func smallFleetIsQuiet() throws {
        var fleet = Fleet(noise: Noise(seed: 3), services: 6)
        fleet.rowsPerBucket = 8
        let engine = try DeviationEngine()
        for bucket in 0..<(288 * 14) {
            engine.observe(fleet.batch(bucket: bucket), at: JournalPosition(group: UInt64(bucket + 1)))
        }
        #expect(engine.counters.series > 100)
        #expect(engine.deviations().count <= 1, "\(engine.deviations().map(\.title))")
    }
}
