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
}
