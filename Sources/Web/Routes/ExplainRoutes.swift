import Deviations
import Hummingbird
import Records

/// `GET /api/v1/explain`: what differs in a window that somebody names, and which service is the likely root.
struct ExplainRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/explain") { request, _ in
            try await explain(Parameters(request), tenant: try Tenant(request.headers))
        }
    }

    private func explain(_ parameters: Parameters, tenant: Tenant) async throws -> Response {
        var arguments: [String: String] = [:]
        for name in ["start", "end", "baseline_start", "baseline_end"] { arguments[name] = parameters[name] }
        let windows: ExplainedWindows
        do {
            windows = try ExplainedWindows(arguments, now: backend.clock.now())
        } catch let error as ExplainedWindows.WindowError {
            throw AnswerError(.badRequest, error.description)
        }
        let explanation = try await backend.explanation(of: windows, tenant: tenant)
        return .bytes(explanation.json.bytes, type: "application/json")
    }
}

extension Backend {
    /// On one of the query threads.
    func explanation(of windows: ExplainedWindows, tenant: Tenant) async throws -> Explanation {
        let store = store
        return try await threads.run { try windows.explanation(over: store.snapshot(tenant)) }
    }
}
