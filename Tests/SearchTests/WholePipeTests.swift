import Bytes
import QueryLanguage
import Records
import Search
import Testing

/// Pipes that look beyond the rows at hand.
@Suite struct WholePipeTests {
    static let people: [Fields] = [[("n", "ann"), ("c", "x")], [("n", "bob"), ("c", "y")], [("n", "cat")]]

    @Test func union() throws {
        #expect(lines(try answer("n:=ann | union (n:=bob | fields n)", Self.people)) == ["c=x | n=ann", "n=bob"])
    }

    @Test func join() throws {
        let rows: [Fields] = Self.people + [[("c", "x"), ("d", "1")], [("c", "x"), ("d", "2")]]
        #expect(
            lines(try answer("n:* | join by (c) (d:* | fields c, d)", rows)) == [
                "c=x | d=1 | n=ann", "c=x | d=2 | n=ann", "c=y | n=bob", "n=cat",
            ])
        #expect(
            lines(try answer(#"n:* | join by (c) (d:=1 | fields c, d) inner prefix "p.""#, rows)) == [
                "c=x | n=ann | p.d=1"
            ])
    }

    @Test func sequences() throws {
        #expect(lines(try answer("* | generate_sequence 3", Self.people)) == ["_msg=0", "_msg=1", "_msg=2"])
        #expect(try answer("* | generate_sequence 40000 | stats sum(_msg) s", Self.people)[0][0].1 == "799980000")
    }

    @Test func runningAndTotal() throws {
        let rows: [Fields] = (1...4).map { [("k", $0 % 2 == 0 ? "e" : "o"), ("v", "\($0)")] }
        #expect(
            lines(try answer("* | running_stats by (k) sum(v) s, count() n | fields s, n", rows, batchRows: 3)) == [
                "n=1 | s=2", "n=2 | s=6", "n=1 | s=1", "n=2 | s=4",
            ])
        #expect(
            lines(try answer("* | total_stats by (k) sum(v) s | fields v, s", rows, batchRows: 3, workers: 2)) == [
                "s=6 | v=2", "s=6 | v=4", "s=4 | v=1", "s=4 | v=3",
            ])
    }

    @Test func streamContext() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<20).map { index in
            (testNow + Int64(index) * 1_000_000_000, [("_msg", "m\(index)"), ("service", index % 2 == 0 ? "a" : "b")])
        }
        func messages(_ query: String) throws -> [String] {
            try answer(query, timed: rows, batchRows: 3).rows.map { row in row.first { $0.0 == "_msg" }?.1 ?? "" }
        }
        #expect(try messages("_msg:=m6 | stream_context before 1 after 2") == ["m4", "m6", "m8", "m10"])
        #expect(
            try messages("_msg:in(m2, m12, m5) | stream_context after 1") == [
                "m2", "m4", "---", "m12", "m14", "---", "m5", "m7", "---",
            ])
    }

    @Test func trace() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<30).map { index in
            (testNow + Int64(index), [("_msg", "m\(index)"), ("trace_id", "\(index % 3)abc"), ("span_id", "\(index)")])
        }
        let found = try answer("_msg:=m4 | trace", timed: rows, batchRows: 7).rows
        #expect(found.map { row in row.first { $0.0 == "_msg" }?.1 ?? "" } == (0..<10).map { "m\($0 * 3 + 1)" })
    }

    @Test func patternsAndCompare() throws {
        let hour: Int64 = 3_600_000_000_000
        let rows: [(time: Int64, fields: Fields)] = (0..<400).map { index in
            let recent = index % 2 == 0
            let message = recent && index % 4 == 0 ? "disk \(index) is full" : "request \(index) took \(index * 7) ms"
            return (
                testNow - (recent ? 0 : 2 * hour) - Int64(index),
                [("_msg", message), ("level", recent && index % 4 == 0 ? "error" : "info")]
            )
        }
        let patterns = try answer("* | patterns", timed: rows).rows
        #expect(patterns.map { row in row.first { $0.0 == "hits" }?.1 } == ["300", "100"])
        let changes = try answer("_time:1h | compare with (2h offset 1h)", timed: rows).rows
        let seen = changes.map { row in Dictionary(row, uniquingKeysWith: { first, _ in first }) }
        #expect(
            seen.contains {
                $0["field"] == "level" && $0["value"] == "error" && $0["change"] == "new" && $0["hits"] == "100"
            })
        #expect(
            seen.contains { $0["field"] == "pattern" && $0["change"] == "new" && $0["value"]?.contains("disk") == true }
        )
    }

    @Test func limitsAreSaid() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<1_000).map {
            (testNow + Int64($0), [("n", "value number \($0)")])
        }
        let outcome = try answer("*", timed: rows, batchRows: 100, limits: QueryLimits(resultRows: 250)).outcome
        #expect(outcome.rowsReturned == 250 && outcome.partial.count == 1)
        let many: [(time: Int64, fields: Fields)] = (0..<20_000).map {
            (testNow + Int64($0), [("n", "value number \($0)")])
        }
        #expect(throws: SearchError.memory(limitBytes: 200_000)) {
            try answer("* | uniq by (n)", timed: many, limits: QueryLimits(memoryBytes: 200_000))
        }
    }

    @Test func cancelled() throws {
        let batch = RecordBatch(rows: [(testNow, [("n", "1")])])
        #expect(throws: SearchError.cancelled) {
            try QueryExecutor(workers: 2).run(
                try QueryParser.parse("*", now: testNow), over: MemorySnapshot([batch]), now: testNow,
                cancelled: { true }, emit: { _ in })
        }
    }
}
