import Alerts
import Hummingbird
import Records

/// Alerts and rules in the form of Prometheus' API, incidents, and what people do with them.
struct AlertRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/alerts") { request, _ in
            let includesResolved = Parameters(request)["resolved"] == "1"
            return answer(await backend.alerts.alertsJSON(includingResolved: includesResolved))
        }
        router.get("/api/v1/alerts/{id}") { _, context in
            let id = try context.part("id")
            guard let alert = await backend.alerts.alert(fingerprint: id) else {
                throw AnswerError(.notFound, "there is no alert with the fingerprint \(id)")
            }
            return answer(alert.json)
        }
        router.get("/api/v1/rules") { _, _ in answer(await backend.alerts.rulesJSON()) }
        router.get("/api/v1/incidents") { _, _ in answer(await backend.alerts.incidentsJSON()) }
        router.get("/api/v1/notifications") { _, _ in answer(await backend.alerts.statusJSON()) }
        router.post("/api/v1/notifications/test") { request, _ in try await test(try await Parameters.reading(request))
        }
        router.post("/api/v1/incidents/{id}/{action}") { request, context in
            try await act(
                on: try context.part("id"), action: try context.part("action"),
                try await Parameters.reading(request))
        }
    }

    private func answer(_ json: JSONValue) -> Response { .bytes(json.bytes, type: "application/json") }

    private func test(_ parameters: Parameters) async throws -> Response {
        let name = parameters["receiver"] ?? "default"
        guard let addresses = await backend.alerts.test(receiver: name) else {
            throw AnswerError(.notFound, "no receiver is called \"\(name)\"")
        }
        return .json { json in
            json.field("receiver", name)
            json.field("addresses", addresses)
        }
    }

    /// `acknowledge`, `resolve` or `comment`, by whoever the argument `by` names.
    private func act(on id: String, action: String, _ parameters: Parameters) async throws -> Response {
        let who = parameters["by"] ?? "someone"
        do {
            switch action {
            case "acknowledge": return answer(try await backend.alerts.acknowledge(incident: id, by: who).json)
            case "resolve": return answer(try await backend.alerts.resolve(incident: id, by: who).json)
            case "comment":
                guard let text = parameters["text"] else {
                    throw AnswerError(.badRequest, "the argument text is missing")
                }
                return answer(try await backend.alerts.comment(incident: id, text, by: who).json)
            default: throw AnswerError(.notFound, "an incident can be acknowledged, resolved or commented on")
            }
        } catch let error as IncidentError {
            throw AnswerError(.conflict, error.description)
        }
    }
}
