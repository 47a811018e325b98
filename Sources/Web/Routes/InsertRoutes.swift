import Bytes
import Formats
import Hummingbird
import Intake
import Records

/// `POST /insert/jsonline`: NDJSON in, an answer once every accepted record is durable and visible.
struct InsertRoutes {
    let backend: Backend

    /// Where records come in, by POST alone.
    static let paths = ["/insert/jsonline", "/jsonline"]

    /// Bytes of one request after unpacking: more belongs in several requests, or on the TCP port.
    private static let requestBytes = 1 << 30

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.paths {
            router.post(RouterPath(path)) { request, _ in try await insert(request) }
        }
        router.get("/api/v1/agents/{agent}") { request, context in
            let agent = try context.part("agent")
            let last = await backend.store.lastSequence(of: agent, tenant: try Tenant(request.headers))
            return Response.json { $0.field("last", Int(clamping: last)) }
        }
    }

    private func insert(_ request: Request) async throws -> Response {
        let options = try InsertOptions(request)
        var upload = Upload(backend, session: try await session(options))
        upload.isTrial = options.isTrial
        if let refusal = try await request.readBody(limit: Self.requestBytes, into: &upload) {
            throw upload.refusal(refusal)
        }
        let answer = upload.answer()
        backend.parsers.giveBack(upload.releaseParser())
        return answer
    }

    /// `_agent` and `_first` make the request harmless to repeat, as a hello does over TCP: they name a numbering and
    /// the number of the first record.
    private func session(_ options: InsertOptions) async throws -> IngestSession {
        guard let agent = options.parameters["_agent"] else {
            return IngestSession(options: options.parse, parser: backend.parsers.take(options.parse))
        }
        guard let first = options.parameters["_first"].flatMap({ UInt64($0) }), first > 0,
            first <= UInt64(Hello.maximumFirst)
        else {
            throw AnswerError(.badRequest, "_agent needs _first, the number of the first record, from 1 to 2^62")
        }
        let last = await backend.store.lastSequence(of: agent, tenant: options.parse.tenant)
        guard last == 0 || first - 1 <= last else {
            throw AnswerError(.conflict, "_first: \(first) leaves a gap, \(last) is the last record stored")
        }
        return IngestSession(agent: agent, first: first, options: options.parse, last: last)
    }
}
