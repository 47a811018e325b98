import Alerts
import Testing

@Suite struct BacktestTests {
    /// Errors between `start` + 10 min and + 20 min.
    private struct History: AlertQueries {
        func evaluate(_ expression: String, at time: Int64, window: Int64) async throws -> [AlertSample] {
            if expression.hasPrefix("broken") { throw TestError(description: "no such field") }
            let isBad = (start + 10 * minute..<start + 20 * minute).contains(time)
            return isBad ? [AlertSample(labels: ["service": "cart"], value: 5)] : []
        }

        func samples(
            _ expression: String, labels: [String: String], at time: Int64, window: Int64, limit: Int
        ) async throws -> [SampleLine] { [] }
    }

    private func rules() throws -> RuleSet {
        let text = """
            groups:
              - name: fast
                interval: 30s
                rules:
                  - {alert: Errors, expr: "error | stats count() as n", for: 2m}
                  - {alert: Broken, expr: "broken | stats count() as n"}
                  - {alert: Drift, deviation: {kind: drift}}
            """
        return try RuleSet(parsing: Array(text.utf8), file: "f")
    }

    @Test func firesAsItWouldHave() async throws {
        var finding = notice("1", resolvedAt: start + 40 * minute)
        finding.detectedAt = start + 5 * minute
        let result = try await RuleBacktest.run(
            rules(), findings: [finding], from: start, to: start + hour, queries: History())
        #expect(result.firings.map(\.alert.name) == ["Drift", "Errors"])
        #expect(result.firings.map(\.from) == [start + 5 * minute, start + 12 * minute])
        #expect(result.firings.map(\.to) == [start + 40 * minute, start + 20 * minute])
        #expect(result.evaluations == 2 * 121)
        #expect(result.health.values.contains { $0.error == "no such field" && $0.errors == 121 })
    }

    @Test func refusesSpansThatWouldNeverEnd() async throws {
        let rules = try rules()
        await #expect(throws: RuleBacktest.RangeError.self) {
            try await RuleBacktest.run(rules, from: 0, to: start, queries: History())
        }
        await #expect(throws: RuleBacktest.RangeError.self) {
            try await RuleBacktest.run(rules, from: start, to: start - 1, queries: History())
        }
    }
}
