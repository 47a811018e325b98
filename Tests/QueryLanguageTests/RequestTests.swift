import QueryLanguage
import Testing

@Suite struct RequestTests {
    @Test(arguments: [Int64.min, -1, 0, 1_715_774_400_123_000_000, .max]) func exactTimesReadBack(_ time: Int64) throws
    {
        let point = TimePoint(nanoseconds: time)
        #expect(TimePoint(point.text) == point)
        let filter = TimeFilter(0...1_000_000_007)
        #expect(try QueryParser.parseFilter(Filter.time(filter).description) == .time(filter))
        #expect(filter.range(now: 5) == 0...1_000_000_007)
    }

    @Test func filtersCombineFlat() throws {
        let error = try QueryParser.parseFilter("a b")
        #expect(error.intersected(with: .all) == error)
        #expect(Filter.all.intersected(with: .all) == .all)
        #expect(try error.intersected(with: QueryParser.parseFilter("c or d")).description == "a b (c or d)")
    }

    static let shapes: [(String, String, String)] = [
        ("* | stats by (level, _time:1h) count() n, sum(x) s", "level,_time", "n,s"),
        ("* | by (a) count() n | sort by (n) rank as r | limit 5 | n:>3", "a", "n,r"),
        ("* | stats by (a) count() n | math n / 2 as h", "a", "n,h"),
        ("* | stats by (a) count() n | stats by (n) count() m", "n", "m"),
        ("* | stats by (a.b, a.c, d) count() n | rename a.* as e_*, n as total | copy d as f", "d,e_b,e_c,f", "total"),
        ("* | stats by (a, b) count() n, max(x) m | delete m | fields *", "a,b", "n"),
        ("* | stats by (a, b) count() n, max(x) m | fields n, a, b | format '<a>!' as c", "a,b,c", "n"),
    ]

    @Test(arguments: shapes) func shape(_ query: String, labels: String, values: String) throws {
        let shape = try QueryParser.parse(query).statsShape()
        #expect(shape.labels.map(\.string).joined(separator: ",") == labels)
        #expect(shape.values.map(\.string).joined(separator: ",") == values)
    }

    @Test(arguments: [
        "*", "* | top 5 by (a)", "* | count() | uniq by (a)", "* | by (a) count() n | delete n",
        "* | by (a) count() n | delete a", "* | by (a) count() n | fields n", "* | by (a) count() n | math n + 1 as a",
        "* | by (a) count() n | format '<n>' as a",
    ])
    func noShape(_ query: String) throws {
        let parsed = try QueryParser.parse(query)
        #expect(throws: UnsuitableQueryError.self) { try parsed.statsShape() }
    }

    @Test func timeBucketsAreAdded() throws {
        let query = try QueryParser.parse("error | stats by (level, _time:1d) count() n | sort by (n)")
        let bucket = try #require(StatsBucket(step: "6h", offset: "-2h"))
        #expect(
            try query.groupedByTime(bucket).description
                == "error | stats by (level, _time:6h offset -2h) count(*) as n | sort by (n)")
        let chosen = try QueryParser.parse(
            "* | by (a) count() n | sort by (n desc) limit 3 | by (a) sum(n) n | last by (n)")
        #expect(
            try chosen.groupedByTime(bucket).description == """
                * | stats by (a, _time:6h offset -2h) count(*) as n \
                | sort by (n desc) partition by (_time) limit 3 \
                | stats by (a, _time:6h offset -2h) sum(n) as n | last by (n) partition by (_time)
                """)
        #expect(StatsBucket(step: "month") == .calendar(.month, offset: nil))
        for wrong in ["", "0", "x", "-5m", "Inf"] { #expect(StatsBucket(step: wrong) == nil) }
    }

    @Test func extraFiltersHoldInSubqueriesToo() throws {
        let query = try QueryParser.parse(
            "a:in(x|fields b) or c | union (d | join by (e) (f)) | stats count() if (g:in(h|keep i)) n "
                + "| extract if (j:in(k|uniq(l))) '<m>'"
        )
        let extra = try QueryParser.parseFilter("{app=x} y")
        #expect(
            query.adding(extra).description == """
                {app="x"} y (a:in({app="x"} y x | fields b) or c) \
                | union ({app="x"} y d | join by (e) ({app="x"} y f)) \
                | stats count(*) if (g:in({app="x"} y h | fields "i")) as n \
                | extract if (j:in({app="x"} y k | uniq by (l))) "<m>"
                """)
    }

    @Test func pipesThatWaitAreFound() throws {
        #expect(try QueryParser.parse("a | fields b | extract '<c>' | math d + 1 as e").firstPipeThatWaits == nil)
        #expect(
            try QueryParser.parse("a | fields b | sort by (c) | limit 1").firstPipeThatWaits?.description
                == "sort by (c) limit 1")
    }

    @Test func timeFiltersAreNoticed() throws {
        #expect(try QueryParser.parseFilter("a !(b or _time:5m)").mentionsTime)
        #expect(try !QueryParser.parseFilter("a _msg:in(_time:5m | fields b)").mentionsTime)
    }
}
