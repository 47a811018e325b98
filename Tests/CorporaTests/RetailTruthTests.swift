import Corpora
import Glibc
import Records
import Testing

/// Whether the numbers in the records show what the ground truth says, measured without the engine's own arithmetic.
@Suite struct RetailTruthTests {
    struct Point {
        /// Relative to the onset.
        var hours: Double
        var logMilliseconds: Double
        var isAffected: Bool
        var isLaunched: Bool
    }

    @Test(arguments: [UInt64(1), 77])
    func databaseTimeCreepsAfterTheOnsetAndOnlyThere(seed: UInt64) throws {
        let points = try points(rows: 80_000, seed: seed)
        let affected = points.filter(\.isAffected)
        let faulty = slope(affected.filter { $0.hours > 0 })
        let healthy = slope(affected.filter { $0.hours <= 0 })
        let others = slope(points.filter { !$0.isAffected && $0.hours > 0 })
        // ln 1.01 is 0.00995.
        #expect(abs(faulty.perHour - 0.00995) < 4 * faulty.error, "\(faulty), seed \(seed)")
        #expect(faulty.perHour > 5 * faulty.error, "\(faulty), seed \(seed)")
        #expect(abs(healthy.perHour) < 4 * healthy.error, "\(healthy), seed \(seed)")
        #expect(abs(others.perHour) < 4 * others.error, "\(others), seed \(seed)")
    }

    @Test func trafficGrowsWithTheLaunchAndErrorsStayRare() throws {
        let truth = try truth(rows: 20_000, seed: 5)
        let records = try records(rows: 20_000, seed: 5)
        let launch = try #require(truth["launch"]?.text.flatMap(nanoseconds))
        let hour: Int64 = 3_600_000_000_000
        let times = records.compactMap { $0["_time"]?.text.flatMap(nanoseconds) }
        // The same hours of the same weekday, a week before.
        let usual = times.count { ((launch - 167 * hour)..<(launch - 164 * hour)).contains($0) }
        let after = times.count { ((launch + hour)..<(launch + 4 * hour)).contains($0) }
        #expect((1.8...3.2).contains(Double(after) / Double(usual)), "\(after) over \(usual)")
        let errors = records.count { $0["level"]?.text == "error" }
        #expect(errors > 0 && errors < records.count / 200, "\(errors) errors")
        #expect(records.contains { $0["_msg"]?.text?.contains("\n\tat ") == true }, "no multi-line exception")
    }

    @Test func theExampleTraceIsAnAffectedRequest() throws {
        let fault = try #require(try truth(rows: 60_000, seed: 9)["faults"]?.elements?.first)
        let example = try #require(fault["exampleTrace"]?.text)
        let categories = try #require(fault["cause"]?["category"]?.elements)
        let onset = try #require(fault["onset"]?.text.flatMap(nanoseconds))
        let spans = try records(rows: 60_000, seed: 9, containing: example)
        #expect(spans.count >= 4)
        #expect(spans.contains { $0["service"]?.text == "catalog" && categories.contains($0["category"] ?? .null) })
        #expect(spans.allSatisfy { ($0["_time"]?.text.flatMap(nanoseconds) ?? 0) > onset })
    }

    private func truth(rows: Int, seed: UInt64) throws -> JSONValue {
        try JSONValue(parsing: try CorpusWriter(name: "retail", rows: rows, seed: seed).truthJSON)
    }

    /// Database times of `catalog`, each route's mean taken off.
    private func points(rows: Int, seed: UInt64) throws -> [Point] {
        let truth = try truth(rows: rows, seed: seed)
        let fault = try #require(truth["faults"]?.elements?.first)
        let onset = try #require(fault["onset"]?.text.flatMap(nanoseconds))
        let launch = try #require(truth["launch"]?.text.flatMap(nanoseconds))
        let categories = try #require(fault["cause"]?["category"]?.elements)
        var byRoute: [String: [Point]] = [:]
        for record in try records(rows: rows, seed: seed, containing: "\"service\":\"catalog\"") {
            guard let category = record["category"], let database = record["db.duration_ms"]?.double,
                let route = record["http.route"]?.text, record["level"]?.text == "info"
            else { continue }
            let time = try #require(record["_time"]?.text.flatMap(nanoseconds))
            byRoute[route, default: []].append(
                Point(
                    hours: Double(time - onset) / 3.6e12, logMilliseconds: log(database),
                    isAffected: categories.contains(category), isLaunched: time > launch))
        }
        return byRoute.values.flatMap { points in
            let healthy = points.filter { $0.hours <= 0 }
            let mean = healthy.reduce(0) { $0 + $1.logMilliseconds } / Double(healthy.count)
            return points.map { point in
                var point = point
                point.logMilliseconds -= mean
                return point
            }
        }
    }

    /// Least squares: growth of the logarithm an hour, and its standard error.
    private func slope(_ points: [Point]) -> (perHour: Double, error: Double) {
        let n = Double(points.count)
        let x = points.reduce(0) { $0 + $1.hours } / n
        let y = points.reduce(0) { $0 + $1.logMilliseconds } / n
        let xx = points.reduce(0) { $0 + ($1.hours - x) * ($1.hours - x) }
        let xy = points.reduce(0) { $0 + ($1.hours - x) * ($1.logMilliseconds - y) }
        let slope = xy / xx
        let rest = points.reduce(0) { sum, point in
            let error = point.logMilliseconds - y - slope * (point.hours - x)
            return sum + error * error
        }
        return (slope, (rest / (n - 2) / xx).squareRoot())
    }
}
