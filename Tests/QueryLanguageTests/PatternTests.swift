import QueryLanguage
import Testing

@Suite struct PatternTests {
    @Test func extractPatternIsTakenApart() throws {
        let pattern = try #require(ExtractPattern("ip=<ip>, <_> &lt;a&amp;&#98;&gt; <plain: list >]"))
        #expect(pattern.steps.map(\.prefix) == ["ip=", ", ", " <a&b> "])
        #expect(pattern.steps.map(\.field) == ["ip", nil, "list"])
        #expect(pattern.steps.map(\.isPlain) == [false, false, true])
        #expect(pattern.suffix == "]")
    }

    @Test(arguments: ["", "text", "<_>", "<a><b>", "a <_> b <*> c", "open <a"]) func unusable(_ pattern: String) {
        #expect(ExtractPattern(.init(pattern)) == nil)
    }

    @Test func formatPatternIsTakenApart() {
        let pattern = FormatPattern("<q:a><uc:b> x <c:d> <duration_seconds:e>&amp;<f")
        #expect(pattern.steps.map(\.style) == [.quoted, .uc, .plain, .durationSeconds])
        #expect(pattern.steps.map(\.field) == ["a", "b", "c:d", "e"])
        #expect(pattern.steps.map(\.prefix) == ["", "", " x ", " "])
        #expect(pattern.suffix == "&<f")
    }

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

    @Test func subqueriesAreFoundAndReplaced() throws {
        let filter = try QueryParser.parseFilter(
            "a:in(x|fields b) or !(c:contains_any(y|uniq(d)) _stream_id:in(z|fields _stream_id)) e:in(1)")
        #expect(filter.subqueries.map(\.description) == ["x | fields b", "y | uniq by (d)", "z | fields _stream_id"])
        let replaced = filter.mapSources { source in
            if case .query(_, let field) = source { .values([field]) } else { source }
        }
        #expect(replaced.description == "a:in(b) or !(c:contains_any(d) _stream_id:_stream_id) e:in(1)")
        #expect(filter.fields == ["a", "c", "_stream_id", "e"])
    }
}
