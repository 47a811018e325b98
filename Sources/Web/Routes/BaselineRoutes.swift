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
        router.post(RouterPath(path + "/{name}")) { _, context in
            try await freeze(try context.parameters.require("name"))
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

    /// Answered once it is durable.
    private func freeze(_ name: String) async throws -> Response {
        guard !name.isEmpty, name.utf8.count <= Self.longestName else {
            throw AnswerError(.badRequest, "a baseline's name has 1 to \(Self.longestName) bytes")
        }
        guard backend.deviations.freeze(name) else {
            throw AnswerError(.conflict, "there are \(EngineLimits.frozenBaselines) baselines; remove one first")
        }
        try await keep()
        return list()
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
