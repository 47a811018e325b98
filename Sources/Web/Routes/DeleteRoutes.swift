import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search
import Store

/// `/delete/…`: records that a filter selects are hidden at once and removed behind it, as VictoriaLogs' clients ask
/// for it.
struct DeleteRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.post("/delete/run_task") { request, _ in try await run(request) }
        for method in [HTTPRequest.Method.get, .put, .delete, .patch] {
            router.on("/delete/run_task", method: method) { _, _ in
                Response(
                    status: .methodNotAllowed, headers: [.allow: "POST"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: "only POST is taken here\n")))
            }
        }
        router.get("/delete/stop_task") { request, _ in try await stop(request) }
        router.post("/delete/stop_task") { request, _ in try await stop(request) }
        router.get("/delete/active_tasks") { _, _ in active() }
        router.post("/delete/active_tasks") { _, _ in active() }
    }

    private func run(_ request: Request) async throws -> Response {
        let parameters = try await Parameters.reading(request)
        let tenant = try Tenant(request.headers)
        guard let text = parameters["filter"] else { throw AnswerError(.badRequest, "the argument filter is missing") }
        let filter = try narrowed(text, parameters)
        let store = backend.store
        do {
            let deletion = try await store.onThread("delete") { try store.delete(filter, of: tenant) }
            return .json { $0.field("task_id", String(deletion.number)) }
        } catch let error as QueryError {
            throw AnswerError(.badRequest, error.marked(in: filter))
        } catch let error as SearchError {
            throw AnswerError(.badRequest, "\(error)")
        } catch let error as StoreError {
            throw AnswerError(.tooManyRequests, "\(error)", retryAfterSeconds: 60)
        }
    }

    /// The filter, and the times of `start` and `end` if they are given: to leave them out would remove too much.
    private func narrowed(_ text: String, _ parameters: Parameters) throws -> String {
        guard parameters["start"] != nil || parameters["end"] != nil else { return text }
        let now = backend.clock.now()
        let first = try parameters["start"].map { try TimeArgument($0, name: "start", now: now).first }
        let last = try parameters["end"].map { try TimeArgument($0, name: "end", now: now).first }
        guard first ?? .min <= last ?? .max else { throw AnswerError(.badRequest, "start is after end") }
        let filter: Filter
        do {
            filter = try QueryParser.parseFilter(text)
        } catch {
            throw AnswerError(.badRequest, error.marked(in: text))
        }
        let times = Filter.time(TimeFilter((first ?? .min)...(last ?? .max)))
        return Query(filter: times.intersected(with: filter)).description
    }

    private func stop(_ request: Request) async throws -> Response {
        let parameters = try await Parameters.reading(request)
        guard let text = parameters["task_id"] else {
            throw AnswerError(.badRequest, "the argument task_id is missing")
        }
        let store = backend.store
        guard let number = UInt64(text), try await store.onThread("delete", { try store.stopDeletion(number) }) else {
            throw AnswerError(.notFound, "no task \(text) is active")
        }
        return .json { $0.field("status", "ok") }
    }

    private func active() -> Response {
        var json = JSONText()
        json.array(backend.store.deletions) { json, deletion in
            json.object { json in
                json.field("task_id", String(deletion.number))
                json.array("tenant_ids", [deletion.tenant]) { json, tenant in
                    json.object { json in
                        json.field("account_id", Int(tenant.account))
                        json.field("project_id", Int(tenant.project))
                    }
                }
                json.field("filter", deletion.filter)
                json.field("start_time", Timestamp(nanoseconds: deletion.acceptedAt).description)
                json.field("segments_left", deletion.segments.count)
            }
        }
        return .bytes(json.bytes, type: "application/json")
    }
}
