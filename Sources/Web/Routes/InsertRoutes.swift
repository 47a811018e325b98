import Bytes
import Formats
import Hummingbird
import Intake
import Records

/// `POST /insert/jsonline`: NDJSON in, an answer once every accepted record is durable and visible.
struct InsertRoutes {
    let backend: Backend

    /// Bytes of one request after unpacking: more belongs in several requests, or on the TCP port.
    private static let requestBytes = 1 << 30

    func add(to router: Router<BasicRequestContext>) {
        for path in ["/insert/jsonline", "/jsonline"] as [RouterPath] {
            router.post(path) { request, _ in try await insert(request) }
        }
        router.get("/api/v1/agents/{agent}") { _, context in
            let last = await backend.store.lastSequence(of: try context.parameters.require("agent"))
            return Response.json { $0.field("last", Int(clamping: last)) }
        }
    }

    private func insert(_ request: Request) async throws -> Response {
        let session = try await session(request)
        let encoding = request.headers[.contentEncoding] ?? ""
        guard let compression = Compression(contentEncoding: encoding) else {
            throw AnswerError(
                .unsupportedMediaType, "Content-Encoding \(encoding) is not understood: gzip, zstd or lz4")
        }
        var upload = try Upload(backend, session: session, compression: compression, limit: Self.requestBytes)
        do {
            for try await buffer in request.body { try await upload.take(Array(buffer.readableBytesView)) }
            try await upload.finish()
        } catch let error as DecompressionError {
            throw AnswerError(.badRequest, "\(error); \(upload.accepted) records before it are stored")
        } catch let error as SinkError {
            backend.counters.refusedInserts.add(1, ordering: .relaxed)
            throw Self.answer(for: error, accepted: upload.accepted)
        }
        return upload.answer()
    }

    /// The arguments as VictoriaLogs names them, in the address or in headers. `_agent` and `_first` make the request
    /// harmless to repeat, as a hello does over TCP: they name a numbering and the number of the first record.
    private func session(_ request: Request) async throws -> IngestSession {
        let parameters = Parameters(request)
        func argument(_ name: String, header: String) -> String? {
            parameters[name] ?? request.headers.value(header)
        }
        let options = ParseOptions(
            timeField: argument("_time_field", header: "VL-Time-Field"),
            messageField: argument("_msg_field", header: "VL-Msg-Field"),
            streamFields: argument("_stream_fields", header: "VL-Stream-Fields"),
            ignoreFields: argument("ignore_fields", header: "VL-Ignore-Fields"),
            extraFields: argument("extra_fields", header: "VL-Extra-Fields"), tenant: try Tenant(request.headers))
        guard let agent = parameters["_agent"] else { return IngestSession(options: options) }
        guard let first = parameters["_first"].flatMap({ UInt64($0) }), first > 0,
            first <= UInt64(Hello.maximumFirst)
        else {
            throw AnswerError(.badRequest, "_agent needs _first, the number of the first record, from 1 to 2^62")
        }
        return IngestSession(
            agent: agent, first: first, options: options, last: await backend.store.lastSequence(of: agent))
    }

    private static func answer(for error: SinkError, accepted: Int) -> AnswerError {
        let before = accepted > 0 ? "; \(accepted) records before it are stored" : ""
        switch error {
        case .busy(let seconds):
            return AnswerError(
                .tooManyRequests, "the queue in front of the disk is full\(before)", retryAfterSeconds: seconds)
        case .storage(let reason):
            return AnswerError(.serviceUnavailable, "\(reason)\(before)", retryAfterSeconds: 5)
        case .closed: return AnswerError(.serviceUnavailable, "the server is going down\(before)", retryAfterSeconds: 5)
        }
    }
}

/// One request's records on their way to the store.
private struct Upload: ~Copyable {
    private let backend: Backend
    private var session: IngestSession
    private var decompressor: Decompressor?
    private var rejections: [Rejection] = []

    init(_ backend: Backend, session: IngestSession, compression: Compression, limit: Int) throws {
        self.backend = backend
        self.session = session
        decompressor = compression == .none ? nil : try Decompressor(compression, outputLimit: limit)
    }

    var accepted: Int { session.summary.accepted }

    mutating func take(_ bytes: [UInt8]) async throws {
        guard decompressor != nil else { return try await parse(bytes) }
        decompressor!.feed(bytes.rawSpan)
        var piece: [UInt8] = []
        while try decompressor!.next(into: &piece) { try await parse(piece) }
    }

    mutating func finish() async throws {
        if decompressor != nil { try decompressor!.finish() }
        session.finish(arrival: backend.clock.now())
        try await store()
    }

    private mutating func parse(_ bytes: [UInt8]) async throws {
        session.feed(bytes.rawSpan, arrival: backend.clock.now())
        if session.isFull { try await store() }
    }

    private mutating func store() async throws {
        while let portion = session.take() {
            if portion.batch.rowCount > 0 || portion.mark != nil {
                try await backend.store.append(portion.batch, mark: portion.mark)
            }
            rejections += portion.rejections.prefix(Limits.rejectionExamples - rejections.count)
        }
    }

    /// The counts, and the first rejected lines with their reasons.
    consuming func answer() -> Response {
        let summary = session.summary
        let rejections = self.rejections
        backend.counters.acceptedRecords.add(summary.accepted, ordering: .relaxed)
        backend.counters.rejectedRecords.add(summary.rejected, ordering: .relaxed)
        backend.counters.repairedBytes.add(summary.replacedBytes, ordering: .relaxed)
        return .json { json in
            json.field("accepted", summary.accepted)
            json.field("rejected", summary.rejected)
            if summary.repeated > 0 { json.field("repeated", summary.repeated) }
            if summary.replacedBytes > 0 { json.field("replaced_bytes", summary.replacedBytes) }
            json.array("rejections", rejections) { json, rejection in
                json.object { json in
                    json.field("line", rejection.line)
                    json.field("reason", rejection.reason)
                    json.field("sample", rejection.sample)
                }
            }
        }
    }
}
