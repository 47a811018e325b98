import Bytes
import QueryLanguage
import Records
import Search
import Testing

/// Each filter against values for and against it, as constant, dictionary-like, integer and text columns see them
/// alike.
@Suite struct FilterTests {
    struct Case: Sendable, CustomStringConvertible {
        var filter: String
        var matching: [String]
        var others: [String]
        var description: String { filter }
    }

    static let cases: [Case] = [
        Case(
            filter: "error", matching: ["error", "an error happened", "error: x", "(error)"],
            others: ["ERROR", "errors", "_error", "", "éerror"]),
        Case(
            filter: #""ssh: login fail""#, matching: ["E ssh: login fail for u", "ssh: login fail!"],
            others: ["ssh login fail", "ssh: login failed", "xssh: login fail"]),
        Case(filter: #""(x)""#, matching: ["(x)", "a(x)b", "((x))"], others: ["x", "(x"]),
        Case(filter: "тест", matching: ["это тест", "foo: (bar,\"тест\")!"], others: ["тесты", "аттест"]),
        Case(filter: "err*", matching: ["err", "error", "an error", "-errno"], others: ["Error", "fooerr", ""]),
        Case(
            filter: #""unexpected fail"*"#, matching: ["unexpected fail: IO", "error:unexpected failure"],
            others: ["unexpectedly failed"]),
        Case(filter: #""""#, matching: [""], others: ["a"]),
        Case(filter: "_msg:*", matching: ["a", "0", ""], others: []),
        Case(filter: #"="fatal error""#, matching: ["fatal error"], others: ["fatal error ", "Fatal error", ""]),
        Case(filter: #"="Proc"*"#, matching: ["Proc", "Processing"], others: ["proc", "a Proc"]),
        Case(filter: "_msg:in(a, \"b c\", 5)", matching: ["a", "b c", "5"], others: ["", "b", "c", "05", "5.0"]),
        Case(filter: "_msg:in(\"\", a)", matching: ["", "a"], others: ["b"]),
        Case(
            filter: "contains_all(foo, \"bar baz\")", matching: ["foo bar baz", "bar baz,foo"],
            others: ["foo bar", "foobar baz"]),
        Case(filter: "contains_any(foo, \"bar baz\")", matching: ["foo", "a bar baz"], others: ["bar", "foobar"]),
        Case(filter: "i(ErRoR)", matching: ["error", "ERROR: x", "an ErRoR"], others: ["FooError", "Errors"]),
        Case(filter: "i(err*)", matching: ["Errors", "ERR"], others: ["FooError", ""]),
        Case(filter: "i(ÄRGER)", matching: ["großer ärger", "Ärger!"], others: ["ärgern"]),
        Case(
            filter: "seq(error, \"open file\")", matching: ["error: cannot open file"],
            others: ["cannot open file: error", "error", "openfile"]),
        Case(
            filter: #"~"err|warn""#, matching: ["error: x", "2 warnings", "transferring"],
            others: ["ERROR", "it is warmer"].filter { !$0.contains("warn") }),
        Case(filter: #"~"(?i)ERR\\d+""#, matching: ["err12", "xERR1"], others: ["err", "er12"]),
        Case(filter: #"~"^a.*z$""#, matching: ["az", "abcz"], others: ["baz", "az "]),
        Case(filter: #"!~"a""#, matching: ["b", ""], others: ["a"]),
        Case(
            filter: "range(1, 10]", matching: ["2", "10", "1.5", "1.0001"],
            others: ["1", "10.1", "-5", "abc", "", "a 5"]),
        Case(filter: "_msg:>10KiB", matching: ["10241", "11KiB", "1MB", "1e6"], others: ["10240", "10KiB", "5", "x"]),
        Case(filter: "_msg:<=-1.5", matching: ["-1.5", "-2", "-1e9"], others: ["-1", "0", ""]),
        Case(filter: "_msg:>1.5s", matching: ["2s", "1m", "1501ms"], others: ["1s", "900ms", "1.5"]),
        Case(filter: "_msg:<John", matching: ["Jo", "Alice", "", "123"], others: ["John", "Johnny", "Zoe"]),
        Case(
            filter: "ipv4_range(10.0.0.0, 10.255.255.255)", matching: ["10.1.2.3", "10.0.0.0"],
            others: ["11.0.0.0", "ip 10.1.2.3", "10.1.2", ""]),
        Case(filter: #"ipv4_range("192.168.0.0/16")"#, matching: ["192.168.255.1"], others: ["192.169.0.0"]),
        Case(filter: "string_range(A, C)", matching: ["A", "Bob"], others: ["C", "a", ""]),
        Case(filter: "len_range(2, 3)", matching: ["ab", "äöü"], others: ["a", "abcd", ""]),
        Case(filter: "len_range(0, 0)", matching: [""], others: ["a"]),
        Case(filter: "foo or (bar !baz)", matching: ["foo", "bar", "foo bar baz"], others: ["bar baz", "x"]),
        Case(filter: "!foo", matching: ["", "bar"], others: ["foo"]),
        Case(
            filter: "equals_common_case(Error)", matching: ["Error", "error", "ERROR"], others: ["eRROR", "an error"]),
        Case(
            filter: "contains_common_case(Error)", matching: ["an error", "ERROR!", "Error"],
            others: ["eRROR", "errors"]),
        Case(
            filter: #"pattern_match("took <N>ms")"#, matching: ["it took 12ms", "took 5ms now"],
            others: ["took ms", "took x5ms"]),
        Case(
            filter: #"pattern_match_full("<IP4> <W>")"#, matching: ["1.2.3.4 ok"], others: ["1.2.3.4", "x 1.2.3.4 ok"]),
        Case(filter: "42", matching: ["42", "x 42 y"], others: ["142", "4.2"]),
        Case(filter: "4*", matching: ["42", "4"], others: ["142", "-x"]),
        Case(filter: "=42", matching: ["42"], others: ["042", "42.0", "x 42"]),
        Case(filter: "*ampl*", matching: ["sample", "ample", "ampl"], others: ["amp", "AMPL"]),
    ]

    @Test(arguments: cases)
    func filterOnValues(_ test: Case) throws {
        let values = test.matching + test.others
        // Alone (a constant), all together (texts), many times over (texts, every row asked), and behind a narrow
        // filter (few rows asked).
        for value in values {
            let found = try answer(test.filter, [[("_msg", value), ("k", "1")]])
            #expect(found.count == (test.matching.contains(value) ? 1 : 0), "\(test.filter) on <\(value)>")
        }
        let many = (0..<10).flatMap { round in values.map { [("_msg", $0), ("k", "\(round)")] as Fields } }
        for query in [test.filter, "k:=3 and (\(test.filter))"] {
            let rounds = query == test.filter ? 10 : 1
            let found = try answer(query, many).map { row in row.first { $0.0 == "_msg" }?.1 ?? "" }
            let wanted = (0..<rounds).flatMap { _ in values.filter { test.matching.contains($0) } }
            #expect(found == wanted, "\(query)")
        }
    }

    @Test func fieldsAgainstFields() throws {
        let rows: [Fields] = [[("a", "1"), ("b", "1")], [("a", "2"), ("b", "10")], [("a", "x")], [("c", "1")]]
        #expect(lines(try answer("a:eq_field(b)", rows)) == ["a=1 | b=1", "c=1"])
        #expect(lines(try answer("a:lt_field(b)", rows)) == ["a=2 | b=10"])
        #expect(lines(try answer("a:le_field(b)", rows)) == ["a=1 | b=1", "a=2 | b=10", "c=1"])
    }

    @Test func subqueries() throws {
        let rows: [Fields] = [
            [("u", "1"), ("p", "admin")], [("u", "2"), ("p", "x")], [("u", "1"), ("p", "y")], [("_msg", "hit 2 x")],
        ]
        #expect(lines(try answer("u:in(p:admin | fields u)", rows)) == ["p=admin | u=1", "p=y | u=1"])
        #expect(lines(try answer("_msg:contains_any(p:x | fields u)", rows)) == ["_msg=hit 2 x"])
        #expect(lines(try answer("u:in(p:nobody | fields u)", rows)) == [])
    }

    @Test func timesAndStreams() throws {
        let hour: Int64 = 3_600_000_000_000
        let rows: [(time: Int64, fields: Fields)] = (0..<48).map { index in
            (
                testNow - Int64(index) * hour,
                [("service", index % 2 == 0 ? "web" : "db"), ("host", "h\(index % 3)"), ("n", "\(index)")]
            )
        }
        func numbers(_ query: String) throws -> [Int] {
            try answer(query, timed: rows, batchRows: 7).rows.compactMap { row in
                row.first { $0.0 == "n" }.flatMap { Int($0.1) }
            }.sorted()
        }
        #expect(try numbers("_time:2h") == [0, 1])
        #expect(try numbers("_time:2025-06-10Z") == Array(0...12))
        #expect(try numbers("_time:>=2025-06-10T11:00:00Z") == [0, 1])
        #expect(try numbers("_time:day_range[08:00, 10:00)") == [3, 4, 27, 28])
        #expect(try numbers(#"{service="web"} _time:4h"#) == [0, 2])
        #expect(try numbers(#"{service=~"w.*",host!="h0"} _time:8h"#) == [2, 4])
        #expect(try numbers(#"{service in ("db", "x")} _time:3h"#) == [1])
        let first = try answer("n:=0", timed: rows).rows[0]
        #expect(first.contains { $0.0 == "_stream" && $0.1 == #"{host="h0",service="web"}"# })
        #expect(first.contains { $0.0 == "_time" && $0.1 == "2025-06-10T12:00:00Z" })
        let stream = try #require(first.first { $0.0 == "_stream_id" }?.1)
        #expect(stream.count == 48 && stream.hasPrefix("0000000000000000"))
        #expect(try numbers("_stream_id:\(stream)") == Array(stride(from: 0, to: 48, by: 6)))
    }

    @Test func blocksAreSkippedByTheirHeaders() throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<100).map {
            (testNow - 1_000_000_000 * Int64($0), [("n", "\($0)")])
        }
        let outcome = try answer("_time:10s", timed: rows, batchRows: 10).outcome
        #expect(outcome.blocksScanned <= 2 && outcome.rowsMatched == 10)
    }
}
