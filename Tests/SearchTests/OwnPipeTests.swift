import QueryLanguage
import Records
import Search
import TestSupport
import Testing

/// `patterns`, `compare` and `trace`.
@Suite struct OwnPipeTests {
    private static let minute: Int64 = 60_000_000_000

    private func fields(_ rows: [Fields]) -> [[String: String]] {
        rows.map { Dictionary($0, uniquingKeysWith: { first, _ in first }) }
    }

    @Test func patternsHaveCountsSharesTimesAndSamples() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<100).map { index in
            let message = index % 4 == 0 ? "login of user \(index) refused" : "GET /item/\(index) took \(index * 3) ms"
            return (testNow + Int64(index) * Self.minute, [("_msg", message), ("app", index < 50 ? "a" : "b")])
        }
        let found = fields(try answer("* | patterns", timed: rows, batchRows: 9).rows)
        #expect(found.map { $0["hits"] } == ["75", "25"] && found.map { $0["share"] } == ["0.75", "0.25"])
        #expect(found[1]["first_seen"] == "2025-06-10T12:00:00Z" && found[1]["last_seen"] == "2025-06-10T13:36:00Z")
        #expect(found[1]["sample"]?.hasPrefix("login of user ") == true)
        #expect(found[1]["pattern"]?.contains("login of user") == true)
        let groups = fields(try answer("* | patterns 1 by (app)", timed: rows, batchRows: 9).rows)
        #expect(groups.map { $0["app"] } == ["a", "b"] && groups.map { $0["hits"] } == ["37", "38"])
        #expect(try answer("nothing | patterns", timed: rows).rows.isEmpty)
        let other = fields(try answer("* | patterns at app", timed: rows).rows)
        #expect(other.reduce(0) { $0 + (Int($1["hits"] ?? "") ?? 0) } == 100)
        // Behind another pipe, whose results have no times.
        let counted = fields(try answer("* | stats by (_msg) count() n | patterns 1", timed: rows).rows)
        #expect(counted.map { $0["hits"] } == ["75"])
    }

    @Test func patternsOfManyGroupsAreCharged() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<2_000).map { index in
            (testNow + Int64(index), [("_msg", "started \(index)"), ("id", "x\(index)")])
        }
        #expect(throws: SearchError.memory(limitBytes: 4_000_000)) {
            try answer("* | patterns by (id)", timed: rows, limits: QueryLimits(memoryBytes: 4_000_000))
        }
        #expect(try answer("* | patterns", timed: rows, limits: QueryLimits(memoryBytes: 4_000_000)).rows.count == 1)
    }

    /// Two windows that differ in nothing but chance, in one field of many values.
    private func even(_ random: inout SplitMix, _ rows: Int, values: Int) -> [(time: Int64, fields: Fields)] {
        (0..<rows).map { index in
            let time = testNow - Int64(index % 2) * 60 * Self.minute - Int64(index + 1) * 1_000_000
            return (time, [("user", "u\(Int.random(in: 0..<values, using: &random))"), ("_msg", "ok")])
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func chanceIsNotReported(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let rows = even(&random, 20_000, values: 400)
        let query = "_time:30m | compare with (30m offset 1h)"
        #expect(try answer(query, timed: rows, batchRows: 500).rows.isEmpty, "seed \(seed)")
        let more = (0..<80).map { (time: testNow - Int64($0) - 1, fields: [("user", "u7"), ("_msg", "ok")]) }
        let found = fields(try answer(query, timed: rows + more, batchRows: 500).rows)
        #expect(found.map { $0["value"] } == ["u7"] && found.map { $0["change"] } == ["more"], "seed \(seed)")
    }

    @Test func windowsAreThoseOfTheQuery() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<600).map { index in
            let hour = Int64(index % 3)
            let level = hour == 0 ? "error" : hour == 1 ? "warn" : "info"
            return (testNow - hour * 60 * Self.minute - Int64(index + 1), [("level", level), ("_msg", "x")])
        }
        func changes(_ query: String) throws -> [String] {
            fields(try answer(query, timed: rows).rows).map {
                "\($0["value"] ?? "") \($0["change"] ?? "") \($0["hits"] ?? "") \($0["baseline_hits"] ?? "")"
            }.sorted()
        }
        #expect(
            try changes("_time:30m | compare with (30m offset 1h)") == ["error new 200 0", "warn gone 0 200"])
        #expect(
            try changes("_time:3h | compare with (30m offset 2h) and (30m offset 1h)") == [
                "info gone 0 200", "warn new 200 0",
            ])
        #expect(try changes("_time:30m | compare 1 with (30m offset 2h)").count == 1)
        #expect(try changes("_time:30m | compare with (30m offset 1h) by (_msg)").isEmpty)
        #expect(try changes("_time:30m level:error | compare with (30m offset 1h)").isEmpty)
        // What pipes make of the rows is compared, in both windows.
        #expect(
            try changes("_time:30m | format '<level>!' as kind | compare with (30m offset 1h) by (kind)") == [
                "error! new 200 0", "warn! gone 0 200",
            ])
    }

    @Test func tracesStayWithinWhatARequestMaySee() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<30).map { index in
            let fields = [("_msg", "m\(index)"), ("trace_id", "\(index % 3)abc"), ("team", index % 2 == 0 ? "a" : "b")]
            return (testNow + Int64(index) * 1_000, fields)
        }
        var batches: [RecordBatch] = []
        for start in stride(from: 0, to: 30, by: 7) {
            batches.append(RecordBatch(rows: Array(rows[start..<min(start + 7, 30)])))
        }
        func messages(_ text: String, extra: String?) throws -> [String] {
            var query = try QueryParser.parse(text, now: testNow)
            if let extra { query = query.adding(try QueryParser.parseFilter(extra)) }
            var found: [String] = []
            _ = try QueryExecutor(limits: QueryLimits(), workers: 1, shape: .records).run(
                query, over: MemorySnapshot(batches), now: testNow
            ) { rows in
                for row in 0..<rows.rowCount { found.append(rows.value("_msg", row: row).string) }
            }
            return found
        }
        #expect(try messages("_msg:=m4 | trace", extra: nil) == (0..<10).map { "m\($0 * 3 + 1)" })
        #expect(try messages("_msg:=m4 | trace", extra: "team:a") == ["m4", "m10", "m16", "m22", "m28"])
        #expect(try messages("_msg:=m4 | stream_context before 1 after 1", extra: nil) == ["m3", "m4", "m5"])
        #expect(try messages("_msg:=m4 | stream_context before 1 after 1", extra: "team:a") == ["m2", "m4", "m6"])
        #expect(try messages("_msg:in(m4, m6) | trace limit 1", extra: "team:a").count == 5)
        #expect(try messages("nothing | trace", extra: nil).isEmpty)
    }
}
