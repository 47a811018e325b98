import Bytes
import Records

/// Unit tests of rules, in the form that Prometheus and vmalert-tool have for metrics, with records instead of series:
/// which alerts fire at which moments of a made-up history.
public struct RuleTestFile: Sendable {
    /// One history and what is expected of it.
    public struct Test: Sendable {
        public var name: String
        /// Moved to `RuleTestFile.epoch`.
        public var records: RecordBatch
        public var expectations: [Expectation]
    }

    /// The instances of one alert that fire at a moment: all of them, and no others.
    public struct Expectation: Sendable {
        /// Nanoseconds since the start of the history.
        public var time: Int64
        public var alert: String
        public var instances: [Instance]
        public var line: Int
    }

    public struct Instance: Sendable {
        /// Without `alertname`.
        public var labels: [String: String]
        /// Those that are given must be so; others do not matter.
        public var annotations: [String: String]
    }

    /// When every history begins: 2024-01-01T00:00:00Z, a Monday.
    public static let epoch: Int64 = 1_704_067_200_000_000_000
    /// Records of one history, at most: a test is read whole into memory.
    private static let records = 1_000_000

    /// Paths as they stand in the file.
    public var ruleFiles: [String]
    public var tests: [Test]

    /// Reads a file; everything that would be ignored is refused.
    public init(parsing bytes: [UInt8], file: String) throws(SettingsError) {
        let root = try YAMLText.read(bytes, file: file)
        let members = try root.members(known: ["rule_files", "tests"])
        guard let files = members["rule_files"] else { throw root.error("\"rule_files\" expected") }
        ruleFiles = try files.texts()
        tests = []
        for (index, node) in try (members["tests"]?.elements() ?? []).enumerated() {
            let parts = try node.members(known: ["name", "input_records", "alert_rule_test"])
            let expectations = try parts["alert_rule_test"]?.elements() ?? []
            var test = Test(
                name: try parts["name"]?.text() ?? "test \(index + 1)",
                records: try Self.records(try parts["input_records"]?.elements() ?? []), expectations: [])
            for expectation in expectations { test.expectations.append(try Expectation(reading: expectation)) }
            tests.append(test)
        }
    }

    private static func records(_ nodes: [SettingsNode]) throws(SettingsError) -> RecordBatch {
        var rows: [(time: Int64, fields: [(String, String)])] = []
        for node in nodes {
            let parts = try node.members(known: ["at", "every", "times", "record"])
            guard let record = parts["record"] else { throw node.error("\"record\" expected") }
            var fields: [(String, String)] = []
            for (key, value) in try record.strings() { fields.append((key, try value.text())) }
            let first = try parts["at"]?.duration() ?? 0
            let step = try parts["every"]?.duration() ?? 0
            let times = try parts["times"]?.count() ?? 1
            guard rows.count + times <= records else { throw node.error("more than \(records) records in one test") }
            for index in 0..<times { rows.append((epoch + first + Int64(index) * step, fields)) }
        }
        rows.sort { $0.time < $1.time }
        return RecordBatch(rows: rows)
    }
}

extension RuleTestFile.Expectation {
    fileprivate init(reading node: SettingsNode) throws(SettingsError) {
        let parts = try node.members(known: ["eval_time", "alertname", "exp_alerts"])
        guard let time = parts["eval_time"], let name = parts["alertname"] else {
            throw node.error("\"eval_time\" and \"alertname\" expected")
        }
        self.time = try time.duration()
        alert = try name.text()
        line = node.line
        instances = []
        for instance in try parts["exp_alerts"]?.elements() ?? [] {
            let parts = try instance.members(known: ["exp_labels", "exp_annotations"])
            var labels = try Self.texts(parts["exp_labels"])
            labels["alertname"] = nil
            instances.append(
                RuleTestFile.Instance(labels: labels, annotations: try Self.texts(parts["exp_annotations"])))
        }
    }

    private static func texts(_ node: SettingsNode?) throws(SettingsError) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in try node?.strings() ?? [] { texts[key] = try value.text() }
        return texts
    }
}

extension RuleTestFile.Test {
    /// What did not come out as expected, in one line each; empty if all did. Runs the rules over the whole history.
    public func failures(of rules: RuleSet, queries: any AlertQueries) async throws -> [String] {
        let last = expectations.map(\.time).max() ?? 0
        let run = try await RuleBacktest.run(
            rules, from: RuleTestFile.epoch, to: RuleTestFile.epoch + last, queries: queries)
        var failures = run.health.values.compactMap { $0.error.map { "a query failed: \($0)" } }
        for expectation in expectations {
            let moment = RuleTestFile.epoch + expectation.time
            var firing = run.firings.filter { firing in
                firing.alert.name == expectation.alert && firing.from <= moment && firing.to.map { $0 > moment } ?? true
            }
            let place = "line \(expectation.line): \(expectation.alert) at \(DurationText.print(expectation.time))"
            for instance in expectation.instances {
                if let index = firing.firstIndex(where: { instance.matches($0.alert) }) {
                    firing.remove(at: index)
                } else {
                    failures.append("\(place): does not fire with \(Self.shown(instance.labels, instance.annotations))")
                }
            }
            for one in firing {
                failures.append("\(place): fires with \(Self.shown(one.alert.labels, one.alert.annotations))")
            }
        }
        return failures
    }

    private static func shown(_ labels: [String: String], _ annotations: [String: String]) -> String {
        let pairs = labels.filter { $0.key != "alertname" }.sorted { $0.key < $1.key }.map {
            "\($0.key)=\"\($0.value)\""
        }
        let notes = annotations.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "{\(pairs.joined(separator: ","))}" + (notes.isEmpty ? "" : " " + notes.joined(separator: "; "))
    }
}

extension RuleTestFile.Instance {
    fileprivate func matches(_ alert: Alert) -> Bool {
        var labels = alert.labels
        labels["alertname"] = nil
        return labels == self.labels && annotations.allSatisfy { alert.annotations[$0.key] == $0.value }
    }
}
