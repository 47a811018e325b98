import QueryLanguage
import Testing

@Suite struct ErrorTests {
    /// Query, byte offset of the place, and the name that is suggested.
    static let cases: [(String, Int, String?)] = [
        ("", 0, nil),
        ("   ", 3, nil),
        ("error |", 7, nil),
        ("error | sotr by (_time)", 8, "sort"),
        ("error | lmit 5", 8, "limit"),
        ("error | stats cuont() x", 14, "count"),
        ("error | stats count", 14, nil),
        ("error | fields", 14, nil),
        ("(a or b", 7, nil),
        ("a or", 4, nil),
        ("a)", 1, nil),
        ("\"abc", 0, nil),
        ("a:\"\\q\"", 3, nil),
        ("a:\"\\xg1\"", 3, nil),
        ("level:contians_any(a)", 6, "contains_any"),
        ("level:", 6, nil),
        ("x:range(1 2)", 10, nil),
        ("x:range(a, 2)", 8, nil),
        ("ip:ipv4_range(1.2.3.400)", 14, nil),
        ("_time:yesterday", 6, nil),
        ("_time:[2024Z", 12, nil),
        ("_time:week_range[Mon, Frday]", 22, "friday"),
        ("user:in(admin | limit 5)", 8, nil),
        ("options(concurency=2) *", 8, "concurrency"),
        ("{a}", 2, nil),
        ("* | math flor(x) as y", 9, "floor"),
        ("* | math round(1,2,3) as y", 9, nil),
        ("* | sort by (a) limt 5", 16, nil),
        ("* | stats quantile(1.5, x) y", 19, nil),
        ("* | top 5 by (a*)", 14, nil),
        ("* | stats by (x:-1) count()", 16, nil),
        ("* | sample 0", 11, nil),
        ("* | limit 5 | stream_context after 3", 14, nil),
        ("* | extract \"no field\"", 12, nil),
        ("* | extract \"a <b><c> d\"", 12, nil),
        ("* | extract if (x:y) \"<_> only\"", 21, nil),
    ]

    @Test(arguments: cases) func place(_ query: String, offset: Int, suggestion: String?) {
        let error = #expect(throws: QueryError.self) { try QueryParser.parse(query) }
        #expect(error?.offset == offset, "\(error.map { $0.marked(in: query) } ?? "")")
        #expect(error?.suggestion == suggestion)
    }

    @Test func caretStandsUnderThePlace() throws {
        let query = "error # größer\n  | größe_filter:\t5 | sotr by (x)\n| limit 5"
        let error = #expect(throws: QueryError.self) { try QueryParser.parse(query) }
        let lines = try #require(error).marked(in: query).split(separator: "\n")
        #expect(lines[0] == "unknown pipe `sotr`; did you mean `sort`?")
        #expect(lines[1] == "    | größe_filter: 5 | sotr by (x)")
        #expect(lines[2].count == 2 + 23 && lines[2].hasSuffix("^"))
    }

    @Test func longLinesAreShownAroundThePlace() throws {
        let query = String(repeating: "ä ", count: 500) + "| sotr x | " + String(repeating: "b ", count: 500)
        let error = #expect(throws: QueryError.self) { try QueryParser.parse(query) }
        let lines = try #require(error).marked(in: query).split(separator: "\n")
        let caret = try #require(lines[2].firstIndex(of: "^"))
        let column = lines[2].distance(from: lines[2].startIndex, to: caret)
        #expect(lines[1].dropFirst(column).hasPrefix("sotr"))
        #expect(lines[1].count < 200)
    }

    static let hostile: [String] = [
        String(repeating: "(", count: 100_000),
        String(repeating: "!", count: 100_000) + "a",
        String(repeating: "a:(", count: 100_000),
        String(repeating: "x:in(a:", count: 50_000),
        String(repeating: "x:in(a|fields b|union(", count: 20_000),
        "* | math " + String(repeating: "(", count: 100_000),
        "* | math " + String(repeating: "-", count: 100_000) + "x",
        "* | math " + String(repeating: "a+", count: 100_000) + "a",
        "* | math " + String(repeating: "abs(", count: 100_000),
        "* | stats count() if (" + String(repeating: "(", count: 100_000),
        String(repeating: "a ", count: 3_000_000),
    ]

    @Test(arguments: hostile.indices) func refusesWhatWouldExhaustTheStack(_ index: Int) {
        #expect(throws: QueryError.self) { try QueryParser.parse(Self.hostile[index]) }
    }

    @Test func takesLongLists() throws {
        let many = (0..<100_000).map { "id\($0)" }.joined(separator: ",")
        let query = try QueryParser.parse("trace_id:in(\(many)) or " + String(repeating: "a or ", count: 50_000) + "b")
        guard case .or(let parts) = query.filter else {
            Issue.record("no or")
            return
        }
        #expect(parts.count == 50_002)
    }
}
