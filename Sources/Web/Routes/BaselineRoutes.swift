import Deviations
import Hummingbird
import Records

/// `/api/v1/baselines`: baselines that were frozen, and how far the series now are from one.
struct BaselineRoutes {
    let backend: Backend

    private static let longestName = 64

    func add(to router: Router<BasicRequestContext>) {
        let path = "/api/v1/baselines"
        router.get(RouterPath(path)) { _, _ in list() }
        router.get(RouterPath(path + "/{name}")) { request, context in
            try compare(try context.parameters.require("name"), Parameters(request))
        }
        router.post(RouterPath(path + "/{name}")) { request, context in
            try await freeze(try context.parameters.require("name"), Parameters(request))
        }
        router.delete(RouterPath(path + "/{name}")) { _, context in
            try await remove(try context.parameters.require("name"))
        }
    }

    private func list() -> Response {
        .json { json in
            json.array("baselines", backend.deviations.frozenBaselines) { json, one in
                json.object { json in
                    json.field("name", one.name)
                    json.field("captured_at", Timestamp(nanoseconds: one.capturedAt).description)
                }
            }
        }
    }

    /// The living baselines, or those of a past window with `start` and `end`. Answered once it is durable.
    private func freeze(_ name: String, _ parameters: Parameters) async throws -> Response {
        guard !name.isEmpty, name.utf8.count <= Self.longestName else {
            throw AnswerError(.badRequest, "a baseline's name has 1 to \(Self.longestName) bytes")
        }
        let full = AnswerError(.conflict, "there are \(EngineLimits.frozenBaselines) baselines; remove one first")
        guard parameters["start"] != nil || parameters["end"] != nil else {
            guard backend.deviations.freeze(name) else { throw full }
            try await keep()
            return list()
        }
        let learnt = try await backend.baseline(of: try window(parameters))
        let records = learnt.records
        guard let series = backend.deviations.freeze(name, as: learnt) else { throw full }
        guard series > 0 else {
            throw AnswerError(
                .badRequest,
                "of \(records) records in that window no living series has sixteen evaluations, every 5 to 60 minutes")
        }
        try await keep()
        return list()
    }

    private func window(_ parameters: Parameters) throws -> Range<Int64> {
        let now = backend.clock.now()
        func moment(_ name: String) throws -> TimeArgument? {
            try parameters[name].map { try TimeArgument($0, name: name, now: now) }
        }
        guard let start = try moment("start")?.first else {
            throw AnswerError(.badRequest, "start is missing: the beginning of the window to be kept")
        }
        let end = min(try moment("end")?.end ?? now, now)
        guard start < end else { throw AnswerError(.badRequest, "start must be before end, and in the past") }
        return start..<end
    }

    private func remove(_ name: String) async throws -> Response {
        guard backend.deviations.removeFrozenBaseline(name) else {
            throw AnswerError(.notFound, "there is no baseline \(name)")
        }
        try await keep()
        return list()
    }

    private func keep() async throws {
        let deviations = backend.deviations
        _ = try await backend.threads.run { try deviations.checkpoint() }
    }

    private func compare(_ name: String, _ parameters: Parameters) throws -> Response {
        let start = try parameters["start"].map { text in
            try TimeArgument(text, name: "start", now: backend.clock.now()).first
        }
        guard let found = backend.deviations.comparison(withFrozen: name, since: start ?? .min) else {
            throw AnswerError(.notFound, "there is no baseline \(name)")
        }
        let limit = try parameters.count("limit", default: 100)
        return .json { json in
            json.field("name", name)
            json.field("series_compared", found.count)
            json.array("series", found.prefix(limit)) { json, one in
                json.object { json in
                    json.field("series", one.series.description)
                    json.field("observed", one.observed)
                    json.field("frozen", one.frozen)
                    json.field("living", one.living)
                    json.field("standard_errors", one.standardErrors)
                    json.field("evaluations", one.evaluations)
                }
            }
        }
    }
}

extension Backend {
    /// What the records of a past window teach. On one of the query threads; O(rows of the window).
    func baseline(of window: Range<Int64>) async throws -> WindowBaseline {
        let (store, deviations) = (store, deviations)
        return try await threads.run {
            var learnt = deviations.baseline(of: window)
            let snapshot = store.snapshot(deviations.tenant)
            let blocks = Array(snapshot.blocks(in: window.lowerBound...(window.upperBound - 1)))
                .sorted { $0.timeRange.lowerBound < $1.timeRange.lowerBound }
            for block in blocks { try learnt.add(block) }
            return learnt
        }
    }
}
