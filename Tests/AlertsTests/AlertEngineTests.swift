import Alerts
import Testing

@Suite struct AlertEngineTests {
    private static let text = """
        groups:
          - name: g
            interval: 1m
            limit: 3
            rules:
              - alert: Errors
                expr: level:error | stats by (service) count() as errors
                for: 2m
                keep_firing_for: 90s
                labels: {severity: "{{ if_high }}"}
                annotations: {summary: "{{ $labels.service }}: {{ $value }}"}
              - alert: Slow
                deviation: {kind: drift, min_score: 0.5}
                for: 5m
        """.replacing("{{ if_high }}", with: "{{ $labels.service | toUpper }}")

    private let rules = try! RuleSet(parsing: Array(text.utf8), file: "rules.yaml")
    private var group: RuleGroup { rules.groups[0] }
    private var query: AlertRule { group.rules[0] }

    private func samples(_ services: String...) -> [AlertSample] {
        services.map { AlertSample(labels: ["service": $0], value: 7) }
    }

    private func names(_ actions: [AlertAction]) -> [String] {
        actions.map { action in
            switch action {
            case .pending: "pending"
            case .fired: "fired"
            case .updated: "updated"
            case .resolved: "resolved"
            case .dropped: "dropped"
            }
        }
    }

    @Test func waitsForTheWholeTimeAndKeepsFiring() {
        var engine = AlertEngine(rules: rules)
        func evaluate(_ minutes: Double, _ samples: [AlertSample]) -> [String] {
            names(engine.evaluated(query, of: group, samples: samples, at: start + Int64(minutes * 60) * second))
        }
        #expect(evaluate(0, samples("cart")) == ["pending"])
        #expect(evaluate(1, samples("cart")) == [])
        #expect(evaluate(2, samples("cart")) == ["fired"])
        #expect(evaluate(3, samples("cart")) == [])
        #expect(evaluate(4, []) == [])
        #expect(evaluate(4.4, []) == [])
        #expect(evaluate(4.5, []) == ["resolved"])
        #expect(engine.active.isEmpty && engine.resolved.count == 1)
        let alert = engine.resolved[0]
        #expect(alert.labels == ["service": "cart", "alertname": "Errors", "severity": "CART"])
        #expect(alert.annotations == ["summary": "cart: 7"])
        #expect(alert.activeAt == start && alert.firedAt == start + 2 * minute)
        #expect(alert.resolvedAt == start + 270 * second)
    }

    @Test func forgetsWhatDoesNotHoldLongEnough() {
        var engine = AlertEngine(rules: rules)
        #expect(names(engine.evaluated(query, of: group, samples: samples("a"), at: start)) == ["pending"])
        #expect(names(engine.evaluated(query, of: group, samples: [], at: start + minute)) == ["dropped"])
        #expect(names(engine.evaluated(query, of: group, samples: samples("a"), at: start + 2 * minute)) == ["pending"])
        #expect(names(engine.evaluated(query, of: group, samples: samples("a"), at: start + 3 * minute)) == [])
        #expect(engine.active.values.first?.activeAt == start + 2 * minute)
    }

    @Test func aFailedQueryChangesNothing() {
        var engine = AlertEngine(rules: rules)
        _ = engine.evaluated(query, of: group, samples: samples("a"), at: start)
        engine.failed(query, "timed out", at: start + minute)
        #expect(engine.active.count == 1)
        #expect(engine.health[query.key]?.error == "timed out")
        #expect(names(engine.evaluated(query, of: group, samples: samples("a"), at: start + 2 * minute)) == ["fired"])
        #expect(engine.health[query.key]?.error == nil && engine.health[query.key]?.errors == 1)
    }

    @Test func tooManyAlertsAreAnErrorOfTheRule() {
        var engine = AlertEngine(rules: rules)
        #expect(engine.evaluated(query, of: group, samples: samples("a", "b", "c", "d"), at: start).isEmpty)
        #expect(engine.health[query.key]?.error == "4 alerts, the limit is 3")
        #expect(engine.active.isEmpty)
    }

    @Test func severalResultsOfOneQueryAreSeveralAlerts() {
        var engine = AlertEngine(rules: rules)
        let both = [
            AlertSample(labels: ["__name__": "errors", "service": "a"], value: 1),
            AlertSample(labels: ["__name__": "total", "service": "a"], value: 2),
        ]
        _ = engine.evaluated(query, of: group, samples: both, at: start)
        #expect(Set(engine.active.values.map { $0.labels["stats_result"] }) == ["errors", "total"])
    }

    @Test func momentsAreAlignedAndNotMadeUpFor() {
        var engine = AlertEngine(rules: rules)
        #expect(engine.due(at: start + 59 * second).map(\.time) == [start])
        #expect(engine.due(at: start + 59 * second).isEmpty)
        #expect(engine.due(at: start + 60 * second).map(\.time) == [start + minute])
        #expect(engine.due(at: start + 10 * minute + second).map(\.time) == [start + 10 * minute])
        // A clock that was set back evaluates nothing twice.
        #expect(engine.due(at: start + 5 * minute).isEmpty)
    }

    @Test func groupsOfOneNameInTwoFilesAreTwo() throws {
        let other = try RuleSet(parsing: Array(Self.text.utf8), file: "other.yaml")
        var engine = AlertEngine(rules: RuleSet(merging: [rules, other]))
        #expect(engine.due(at: start).count == 2)
        _ = engine.received(notice("1"), at: start)
        #expect(engine.active.count == 2)
    }

    @Test func findingsPassThroughTheSameStates() {
        var engine = AlertEngine(rules: rules)
        #expect(names(engine.received(notice("1"), at: start)) == ["pending"])
        #expect(names(engine.received(notice("2", score: 0.4), at: start)) == [])
        #expect(names(engine.tick(at: start + 4 * minute)) == [])
        #expect(names(engine.tick(at: start + 5 * minute)) == ["fired"])
        // A score that falls again does not end it; its end does.
        #expect(names(engine.received(notice("1", score: 0.1), at: start + 6 * minute)) == ["updated"])
        let end = notice("1", resolvedAt: start - minute)
        #expect(names(engine.received(end, at: start + 7 * minute)) == ["updated", "resolved"])
        #expect(names(engine.received(end, at: start + 8 * minute)) == [])
        let alert = engine.resolved[0]
        #expect(alert.onset == start - 6 * hour && alert.detectedAt == start - hour && alert.endedAt == start - minute)
        #expect(alert.evidence?.traceIDs == ["00ff", "00fe"])
        #expect(alert.labels["service"] == "catalog" && alert.labels["finding"] == "1")
    }

    @Test func aSpikeThatIsOverBeforeItIsToldStillFires() {
        var engine = AlertEngine(rules: .standard)
        let actions = engine.received(notice("s", resolvedAt: start - minute), at: start)
        #expect(names(actions) == ["pending", "fired", "resolved"])
    }

    @Test func alertsOfRulesThatAreGoneEnd() {
        var engine = AlertEngine(rules: .standard)
        _ = engine.received(notice("1"), at: start)
        #expect(names(engine.setRules(rules, at: start + second)) == ["resolved"])
        #expect(engine.active.isEmpty)
    }

    @Test func longEvidenceIsCut() {
        var engine = AlertEngine(rules: .standard)
        var long = notice("1")
        let line = String(repeating: "é", count: 5_000)
        long.samples = (0..<50).map { SampleLine(time: start, line: line, traceID: "\($0)") }
        long.traceIDs = []
        let alert = engine.received(long, at: start).last?.alert
        #expect(alert?.evidence?.samples.count == AlertLimits.sampleLines)
        #expect(alert?.evidence?.samples.allSatisfy { $0.line.utf8.count <= AlertLimits.sampleLineBytes + 6 } == true)
        #expect(alert?.evidence?.traceIDs.count == AlertLimits.traceIDs)
    }
}
