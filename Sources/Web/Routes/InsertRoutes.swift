import Bytes
import Formats
import Hummingbird
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
    }

    private func insert(_ request: Request) async throws -> Response {
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
        let encoding = request.headers[.contentEncoding] ?? ""
        guard let compression = Compression(contentEncoding: encoding) else {
            throw AnswerError(
                .unsupportedMediaType, "Content-Encoding \(encoding) is not understood: gzip, zstd or lz4")
        }
        var upload = try Upload(backend, options: options, compression: compression, limit: Self.requestBytes)
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
    private var parser: JSONLinesParser
    private var decompressor: Decompressor?
    private(set) var accepted = 0

    init(_ backend: Backend, options: ParseOptions, compression: Compression, limit: Int) throws {
        self.backend = backend
        parser = JSONLinesParser(options: options)
        decompressor = compression == .none ? nil : try Decompressor(compression, outputLimit: limit)
    }

    mutating func take(_ bytes: [UInt8]) async throws {
        guard decompressor != nil else { return try await parse(bytes) }
        decompressor!.feed(bytes.rawSpan)
        var piece: [UInt8] = []
        while try decompressor!.next(into: &piece) { try await parse(piece) }
    }

    mutating func finish() async throws {
        if decompressor != nil { try decompressor!.finish() }
        parser.finish(arrival: backend.clock.now())
        try await store()
    }

    private mutating func parse(_ bytes: [UInt8]) async throws {
        parser.feed(bytes.rawSpan, arrival: backend.clock.now())
        try await store()
    }

    private mutating func store() async throws {
        while let batch = parser.takeBatch() {
            try await backend.store.append(batch, mark: nil)
            accepted += batch.rowCount
        }
    }

    /// The counts, and the first rejected lines with their reasons.
    consuming func answer() -> Response {
        let counts = parser.counts
        let rejections = parser.takeRejections()
        backend.counters.acceptedRecords.add(accepted, ordering: .relaxed)
        backend.counters.rejectedRecords.add(counts.rejected, ordering: .relaxed)
        backend.counters.repairedBytes.add(counts.replacedBytes, ordering: .relaxed)
        return .json { json in
            json.field("accepted", counts.accepted)
            json.field("rejected", counts.rejected)
            if counts.replacedBytes > 0 { json.field("replaced_bytes", counts.replacedBytes) }
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
