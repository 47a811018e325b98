import Bytes
import QueryLanguage
import Records
import Search
import Testing

/// How queries run: what they skip, when they stop, which times they see.
@Suite struct ExecutionTests {
    static let second: Int64 = 1_000_000_000
    /// A row a second, the last one now; `n` counts back from now.
    static let rows: [(time: Int64, fields: Fields)] = (0..<1_000).map { index in
        (testNow - Int64(999 - index) * second, [("n", "\(999 - index)"), ("service", "web")])
    }

    private func numbers(_ rows: [Fields]) -> [String] { rows.compactMap { row in row.first { $0.0 == "n" }?.1 } }

    @Test func theNewestRowsNeedTheNewestBlocks() throws {
        let (rows, outcome) = try answer("* | sort by (_time desc) limit 3", timed: Self.rows, batchRows: 5)
        #expect(numbers(rows) == ["0", "1", "2"])
        // A thread reads on until it holds enough rows to know which are too old.
        let many = try answer("* | sort by (_time desc) | limit 3", timed: Self.rows, batchRows: 5)
        #expect(numbers(many.rows) == ["0", "1", "2"] && outcome.blocksScanned <= 200)
        let oldest = try answer("* | first 2 by (_time)", timed: Self.rows, batchRows: 5)
        #expect(numbers(oldest.rows) == ["999", "998"])
    }

    @Test func aLimitStopsTheScan() throws {
        let (rows, outcome) = try answer("* | limit 7", timed: Self.rows, batchRows: 5)
        #expect(numbers(rows) == (993...999).reversed().map { "\($0)" })
        #expect(outcome.blocksScanned < 10)
    }

    @Test(arguments: [1, 2, 4]) func theAnswerDoesNotDependOnThreads(_ workers: Int) throws {
        for query in [
            "n:>500", "* | stats by (_time:1m) count() c", "* | sort by (service, n)", "* | uniq by (n) | limit 50",
            "* | offset 10 | limit 30",
        ] {
            let one = try answer(query, timed: Self.rows, batchRows: 13).rows
            let many = try answer(query, timed: Self.rows, batchRows: 13, workers: workers).rows
            #expect(lines(one) == lines(many), "\(query)")
        }
    }

    @Test func theRequestsTimeRangeBindsSubqueriesToo() throws {
        let snapshot = MemorySnapshot([RecordBatch(rows: Self.rows)])
        func count(_ text: String) throws -> String {
            var result = ""
            let executor = QueryExecutor(workers: 1, timeRange: (testNow - 9 * Self.second)...testNow)
            try executor.run(try QueryParser.parse(text, now: testNow), over: snapshot, now: testNow) { rows in
                result = rows.value("c", row: 0).string
            }
            return result
        }
        #expect(try count("* | stats count() c") == "10")
        #expect(try count("options(ignore_global_time_filter=true) * | stats count() c") == "1000")
        #expect(try count("n:in(n:>5 | fields n) | stats count() c") == "4")
        #expect(try count("n:in(options(ignore_global_time_filter=true) n:>900 | fields n) | stats count() c") == "0")
    }

    @Test func timesShiftByAnOffset() throws {
        let (rows, _) = try answer(
            "options(time_offset=100s) _time:2s | fields _time, n", timed: Self.rows, batchRows: 50)
        #expect(numbers(rows) == ["101", "100"])
        #expect(rows.first?.first { $0.0 == "_time" }?.1 == "2025-06-10T11:59:59Z")
    }

    @Test func timeBuckets() throws {
        let found = try answer("* | stats by (_time:10m) count() c", timed: Self.rows, batchRows: 64).rows
        #expect(
            lines(found) == [
                "_time=2025-06-10T11:40:00Z | c=399", "_time=2025-06-10T11:50:00Z | c=600",
                "_time=2025-06-10T12:00:00Z | c=1",
            ])
        let offset = try answer("* | stats by (_time:1d offset 12h) count() c", timed: Self.rows).rows
        #expect(lines(offset) == ["_time=2025-06-09T12:00:00Z | c=999", "_time=2025-06-10T12:00:00Z | c=1"])
        let months = try answer("* | stats by (_time:month) rate() r", timed: Self.rows).rows
        #expect(months.count == 1 && months[0][0].1 == "2025-06-01T00:00:00Z")
        #expect(try answer("_time:100s | stats rate() r", timed: Self.rows).rows[0][0].1 == "1")
    }

    @Test func ndjson() throws {
        let rows = ResultRows(
            names: ["a", "é\"", "c"],
            columns: [StringColumn(["x\n"]), StringColumn(["тест\u{1}"]), StringColumn([""])], rowCount: 1)
        var text: [UInt8] = []
        rows.appendNDJSON(row: 0, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == #"{"a":"x\n","é\"":"тест\u0001"}"# + "\n")
    }
}
