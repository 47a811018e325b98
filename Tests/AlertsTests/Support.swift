import Alerts
import Bytes
import Machine
import Records
import Synchronization

let second: Int64 = 1_000_000_000
let minute = 60 * second
let hour = 60 * minute

/// 2026-03-16T10:00:00Z
let start: Int64 = 1_773_655_200 * 1_000_000_000

/// A folder of its own for one test, removed at the end.
final class TestFolder {
    let path: String

    init() {
        path = "/tmp/plumb-tests/alerts-\(systemEntropy())"
        try! RealFileSystem().createDirectory(path)
    }

    deinit {
        let files = RealFileSystem()
        for name in (try? files.list(path)) ?? [] { try? files.remove(path + "/" + name) }
        try? files.remove(path)
    }
}

struct TestError: Error, CustomStringConvertible {
    var description: String
}

/// Answers that the test writes down beforehand.
final class ScriptedQueries: AlertQueries {
    struct State {
        var answers: [String: [AlertSample]] = [:]
        var lines: [SampleLine] = []
        var failure: String?
        var asked: [(expression: String, time: Int64, window: Int64)] = []
        var sampleLabels: [[String: String]] = []
    }

    let state = Mutex(State())

    func set(_ expression: String, _ samples: [AlertSample]) {
        state.withLock { $0.answers[expression] = samples }
    }

    func evaluate(_ expression: String, at time: Int64, window: Int64) async throws -> [AlertSample] {
        try state.withLock { state in
            state.asked.append((expression, time, window))
            if let failure = state.failure { throw TestError(description: failure) }
            return state.answers[expression] ?? []
        }
    }

    func samples(
        _ expression: String, labels: [String: String], at time: Int64, window: Int64, limit: Int
    ) async throws -> [SampleLine] {
        state.withLock { state in
            state.sampleLabels.append(labels)
            return state.lines
        }
    }
}

/// A receiver that notes what it gets and answers as it is told.
final class ScriptedReceiver: WebhookTransport {
    struct Call: Sendable {
        var url: String
        var body: JSONValue
        var headers: [String: String]
        var text: String
    }

    struct State {
        var calls: [Call] = []
        /// Answers in order, the last one for ever; nil for no answer at all.
        var answers: [Int?] = [200]
    }

    let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    func answer(_ answers: Int?...) { state.withLock { $0.answers = answers } }

    func post(url: String, body: [UInt8], headers: [(String, String)]) async throws -> Int {
        try state.withLock { state in
            let text = String(decoding: body, as: UTF8.self)
            state.calls.append(
                Call(
                    url: url, body: try JSONValue(parsing: body),
                    headers: Dictionary(headers) { _, last in last }, text: text))
            let answer = state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            guard let answer else { throw TestError(description: "connection refused") }
            return answer
        }
    }
}

/// Everything around one alert center, on a clock that stands still until told otherwise.
final class Bench {
    let folder = TestFolder()
    let clock = ManualClock(start)
    let queries = ScriptedQueries()
    let receiver = ScriptedReceiver()
    let rules: RuleSet
    let routing: Routing
    var files: any FileSystem
    var center: AlertCenter

    init(rules: String? = nil, routing: String? = nil, files: any FileSystem = RealFileSystem()) throws {
        self.files = files
        self.rules = try rules.map { try RuleSet(parsing: Array($0.utf8), file: "rules.yaml") } ?? .standard
        let webhook = Routing.Webhook(url: "http://127.0.0.1:9/hook", headers: ["Authorization": "Bearer s3cret"])
        self.routing =
            try routing.map { try Routing(parsing: Array($0.utf8), file: "routing.yaml") }
            ?? .standard(webhooks: [webhook])
        center = try Self.open(self.rules, self.routing, queries, receiver, files, folder, clock)
    }

    private static func open(
        _ rules: RuleSet, _ routing: Routing, _ queries: ScriptedQueries, _ receiver: ScriptedReceiver,
        _ files: any FileSystem, _ folder: TestFolder, _ clock: ManualClock
    ) throws -> AlertCenter {
        try AlertCenter(
            rules: rules, routing: routing, externalURL: "http://plumb.example", queries: queries, transport: receiver,
            files: files, directory: folder.path, clock: clock)
    }

    /// As after a crash: nothing but the disk survives.
    func restart() throws {
        center = try Self.open(rules, routing, queries, receiver, files, folder, clock)
    }

    /// Lets time pass in steps of a second, as `runUntilCancelled` would.
    func pass(_ nanoseconds: Int64, step: Int64 = second) async {
        var left = nanoseconds
        while left > 0 {
            clock.advance(by: min(step, left))
            left -= step
            await center.step()
            await center.deliver()
        }
    }
}

func notice(
    _ id: String, service: String = "catalog", resolvedAt: Int64? = nil, score: Double = 0.9, observed: Double = 12.5
) -> FindingNotice {
    FindingNotice(
        id: id, kind: "drift", title: "db.duration_ms of \(service) drifts up", series: "db.duration_ms p50 \(service)",
        labels: ["service": service, "category": "toys"], onset: start - 6 * hour, detectedAt: start - hour,
        resolvedAt: resolvedAt, observed: observed, expectedLow: 9, expectedHigh: 11, score: score,
        causes: [.init(what: "category=toys", evidence: "+12 % against baseline", weight: 31)],
        samples: [SampleLine(time: start - hour, line: "load product 7 \"x\"", traceID: "00ff")],
        traceIDs: ["00ff", "00fe"], link: "/deviations/\(id)")
}
