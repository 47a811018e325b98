import Alerts
import Testing

@Suite struct RuleParsingTests {
    @Test func readsARuleFile() throws {
        let text = """
            groups:
              - name: shop
                type: vlogs
                interval: 30s
                limit: 20
                eval_offset: 5s
                labels: {team: shop}
                rules:
                  - alert: ManyErrors
                    expr: level:error | stats by (service) count() as errors | filter errors:>10
                    for: 2m
                    keep_firing_for: 1m30s
                    labels: {severity: critical, team: payments}
                    annotations:
                      summary: "{{ $labels.service }} has {{ $value }} errors"
                  - alert: Drift
                    deviation: {kind: [drift, shift], service: catalog, min_score: 0.8, labels: {category: toys}}
            """
        let rules = try RuleSet(parsing: Array(text.utf8), file: "shop.yaml")
        let group = try #require(rules.groups.first)
        #expect((group.name, group.interval, group.offset, group.limit) == ("shop", 30 * second, 5 * second, 20))
        let rule = group.rules[0]
        #expect(rule.name == "ManyErrors" && rule.line == 9 && rule.file == "shop.yaml")
        #expect(rule.forNanoseconds == 120 * second && rule.keepFiringNanoseconds == 90 * second)
        #expect(rule.labels.map { "\($0.name)=\($0.template.source)" } == ["severity=critical", "team=payments"])
        guard case .deviation(let condition) = group.rules[1].source else {
            throw TestError(description: "no deviation")
        }
        #expect(condition.kinds == ["drift", "shift"] && condition.services == ["catalog"])
        #expect(condition.minimumScore == 0.8 && condition.labels == ["category": ["toys"]])
        #expect(condition.matches(notice("1")))
        #expect(!condition.matches(notice("1", service: "cart")))
        #expect(!condition.matches(notice("1", score: 0.7)))
    }

    /// The rule's lines begin at line 4.
    static let wrong: [(rule: String, complaint: String)] = [
        ("- alert: A\n  expr: x", "f:5: groups[0].rules[0].expr: the query needs a `stats` pipe"),
        ("- alert: A", "f:4: groups[0].rules[0]: \"expr\" or \"deviation\" expected"),
        ("- expr: a | stats count()", "f:4: groups[0].rules[0]: \"alert\" expected"),
        ("- record: r\n  expr: a | stats count()", "f:4: groups[0].rules[0].record: recording rules are not supported"),
        (
            "- alert: A\n  expr: a | stats count()\n  fro: 5m",
            "f:6: groups[0].rules[0].fro: unknown key, did you mean \"for\"?"
        ),
        (
            "- alert: A\n  expr: a | stats count()\n  for: 5 minutes",
            "f:6: groups[0].rules[0].for: a duration such as 30s, 5m or 1h30m expected, found \"5 minutes\""
        ),
        ("- alert: A\n  expr: [a]", "f:5: groups[0].rules[0].expr: a text expected, found a list"),
        (
            "- alert: A\n  expr: a | stats count()\n  annotations:\n    s: \"{{ $vlaue }}\"",
            "f:7: groups[0].rules[0].annotations.s: unknown value $vlaue"
        ),
        (
            "- alert: A\n  expr: a | stats count()\n  labels: {1x: y}",
            "f:6: groups[0].rules[0].labels.1x: a label name of letters, digits and _ expected"
        ),
        (
            "- alert: A\n  deviation: {min_score: 2}",
            "f:5: groups[0].rules[0].deviation.min_score: a score between 0 and 1 expected"
        ),
        (
            "- alert: A\n  deviation: {}\n  expr: a | stats count()",
            "f:4: groups[0].rules[0]: \"expr\" or \"deviation\" expected, not both"
        ),
        (
            "- alert: A\n  deviation: {}\n- alert: A\n  deviation: {kind: drift}",
            "f:6: groups[0].rules[1]: the alert \"A\" with these labels stands twice"
        ),
        ("- alert: A\n  expr: bad | stats", "f:5: groups[0].rules[0].expr: column 7: a function expected"),
        ("- alert: {\n", "f:5: did not find expected"),
    ]

    @Test(arguments: wrong.indices)
    func saysFileLineAndWhatWasExpected(index: Int) throws {
        let (rule, complaint) = Self.wrong[index]
        let indented = rule.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
        let text = "groups:\n  - name: g\n    rules:\n\(indented)\n"
        var found = "accepted"
        do {
            _ = try RuleSet(
                parsing: Array(text.utf8), file: "f",
                checkQuery: { $0.hasPrefix("bad") ? "column 7: a function expected" : RuleQuery.check($0) })
        } catch { found = error.description }
        #expect(found.hasPrefix(complaint) || (index == Self.wrong.count - 1 && found.hasPrefix("f:")), "\(found)")
    }

    static let wrongFiles: [(text: String, complaint: String)] = [
        ("", "f:1: \"groups\" expected"),
        ("groups: 5", "f:1: groups: a list expected, found \"5\""),
        ("groups:\n- rules: []", "f:2: groups[0]: \"name\" expected"),
        ("groups:\n- name: a\n- name: a", "f:3: groups[1]: the group \"a\" stands twice in this file"),
        ("groups:\n- name: a\n  type: prometheus", "f:3: groups[0].type: type vlogs expected"),
        ("groups:\n- name: a\n  interval: 10ms", "f:3: groups[0].interval: at least 1s expected"),
        ("groups:\n- name: a\n  eval_offset: 2m", "f:3: groups[0].eval_offset: less than the interval expected"),
        ("a: 1\na: 2", "f:"),
    ]

    @Test(arguments: wrongFiles.indices)
    func refusesFilesThatAreNoRuleFiles(index: Int) {
        let (text, complaint) = Self.wrongFiles[index]
        var found = "accepted"
        do { _ = try RuleSet(parsing: Array(text.utf8), file: "f") } catch { found = error.description }
        #expect(found.hasPrefix(complaint), "\(found)")
    }

    @Test(arguments: [
        ("error | stats count() as n", nil),
        ("error | stats by (service) count() as n | filter n:>5", nil),
        ("error | stat count()", "unknown pipe `stat`"),
        ("error | fields a", "the query needs a `stats` pipe"),
        ("(error | stats count()", ""),
    ])
    func checksExpressionsAsLogsQL(expression: String, complaint: String?) {
        let found = RuleQuery.check(expression)
        #expect((found == nil) == (complaint == nil) && found?.hasPrefix(complaint ?? "") != false, "\(found ?? "")")
    }

    @Test func asksForTheRecordsBehindAnAlert() {
        let query = RuleQuery.samples(
            "level:error | extract \"at <place>\" | stats by (service, place, _time:1m) count() as n | filter n:>5",
            labels: ["service": "cart", "place": "", "severity": "high"], limit: 3)
        let expected =
            "level:error | extract \"at <place>\" | filter service:=cart place:\"\" | sort by (_time) desc limit 3"
        #expect(query?.description == expected)
        #expect(RuleQuery.samples("error", labels: [:], limit: 3) == nil)
    }

    @Test func theStandardRulesAlertOnEveryFinding() throws {
        let rule = try #require(RuleSet.standard.groups.first?.rules.first)
        guard case .deviation(let condition) = rule.source else { throw TestError(description: "no deviation") }
        #expect(condition.matches(notice("x", score: 0)))
    }

    @Test(arguments: [
        ("0", 0), ("30s", 30 * second), ("1h30m", 90 * minute), ("1d", 24 * hour), ("250ms", second / 4),
        ("1y2w", (365 + 14) * 24 * hour),
    ])
    func readsDurations(text: String, nanoseconds: Int64) {
        #expect(DurationText.parse(text) == nanoseconds)
    }

    @Test(arguments: [
        "", "5", "m", "5 m", "-5m", "1m1h", "1m1m", "99999999999999999999s", "9999999999y", "5µs", "1.5h",
    ])
    func refusesOtherDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }
}
