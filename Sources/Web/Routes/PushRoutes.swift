import Bytes
import Formats
import Hummingbird
import Intake
import Records

/// Records in the protocols of Loki's and OpenTelemetry's clients. A 2xx means what it means everywhere here: durable
/// and visible.
struct PushRoutes {
    let backend: Backend

    static let lokiPaths = ["/insert/loki/api/v1/push", "/insert/loki/loki/api/v1/push", "/loki/api/v1/push"]
    static let otlpPaths = ["/insert/opentelemetry/v1/logs", "/insert/opentelemetry/api/v1/push", "/v1/logs"]

    /// Bytes of one request, unpacked: it is read as a whole.
    private static let requestBytes = 32 << 20

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.lokiPaths { router.post(RouterPath(path)) { request, _ in try await loki(request) } }
        for path in Self.otlpPaths { router.post(RouterPath(path)) { request, _ in try await otlp(request) } }
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/insert/loki/ready", method: method) { _, _ in Response.text("ready\n") }
        }
    }

    private func isJSON(_ request: Request) -> Bool {
        (request.headers[.contentType] ?? "").lowercased().hasPrefix("application/json")
    }

    // MARK: Loki

    private func loki(_ request: Request) async throws -> Response {
        let options = try InsertOptions(request)
        let keepsLines =
            options.parameters.flag("disable_message_parsing")
            || ["1", "true"].contains(request.headers.value("VL-Loki-Disable-Message-Parsing"))
        var push = LokiPush(readsJSON: !keepsLines, namesStream: options.parse.streamFields == nil)
        var upload = upload(options)
        do {
            let body = try await body(of: request, foreignCoding: "snappy")
            if isJSON(request) {
                try push.read(json: body)
            } else {
                let block = try SnappyBlock.unpack(body.rawSpan, limit: Self.requestBytes)
                try push.read(protobuf: block.rawSpan)
            }
            try await upload.takeAll(of: push.lines)
        } catch {
            throw upload.refusal(error)
        }
        if options.isTrial { return upload.answer() }
        // A refusal would make the client send all of it again: what was refused is counted instead.
        upload.count()
        backend.parsers.giveBack(upload.releaseParser())
        return Response(status: .noContent)
    }

    // MARK: OpenTelemetry

    private func otlp(_ request: Request) async throws -> Response {
        do {
            return try await logs(request)
        } catch let error as AnswerError {
            return Self.status(error, isJSON: isJSON(request))
        }
    }

    private func logs(_ request: Request) async throws -> Response {
        let options = try InsertOptions(request)
        let isJSON = isJSON(request)
        var logs = OTLPLogs(namesStream: options.parse.streamFields == nil)
        var upload = upload(options)
        do {
            let body = try await body(of: request)
            if isJSON { try logs.read(json: body) } else { try logs.read(protobuf: body.rawSpan) }
            try await upload.takeAll(of: logs.lines)
        } catch {
            throw upload.refusal(error)
        }
        if options.isTrial { return upload.answer() }
        upload.count()
        backend.counters.rejectedRecords.add(logs.refused, ordering: .relaxed)
        let rejected = upload.session.summary.rejected + upload.expired + logs.refused
        let reason = logs.refusal?.description ?? upload.rejections.first?.reason ?? Appended.expiredReason
        backend.parsers.giveBack(upload.releaseParser())
        return isJSON ? Self.answer(json: rejected, reason) : Self.answer(protobuf: rejected, reason)
    }

    /// An error as the protocol wants it: `google.rpc.Status` in the encoding of the request.
    private static func status(_ error: AnswerError, isJSON: Bool) -> Response {
        var response: Response
        if isJSON {
            response = .json(error.status) { json in
                json.field("code", error.status == .badRequest ? 3 : 14)
                json.field("message", error.message)
            }
        } else {
            var message = ByteWriter()
            write(field: 2, Array(error.message.utf8), to: &message)
            response = .bytes(message.bytes, type: "application/x-protobuf", status: error.status)
        }
        if let seconds = error.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    private static func answer(json rejected: Int, _ reason: String) -> Response {
        .json { json in
            guard rejected > 0 else { return }
            json.object("partialSuccess") { json in
                json.field("rejectedLogRecords", String(rejected))
                json.field("errorMessage", reason)
            }
        }
    }

    /// `ExportLogsServiceResponse`: empty, or with `partial_success`.
    private static func answer(protobuf rejected: Int, _ reason: String) -> Response {
        var message = ByteWriter()
        if rejected > 0 {
            var partial = ByteWriter()
            partial.write(UInt8(1 << 3))
            partial.writeVarint(rejected)
            write(field: 2, Array(reason.utf8), to: &partial)
            write(field: 1, partial.bytes, to: &message)
        }
        return .bytes(message.bytes, type: "application/x-protobuf")
    }

    private static func write(field: UInt8, _ bytes: [UInt8], to message: inout ByteWriter) {
        message.write(field << 3 | 2)
        message.writeVarint(bytes.count)
        message.write(bytes.rawSpan)
    }

    private func body(of request: Request, foreignCoding: String? = nil) async throws -> [UInt8] {
        var whole = WholeBody()
        if let refusal = try await request.readBody(
            limit: Self.requestBytes, foreignCoding: foreignCoding, into: &whole)
        {
            throw refusal
        }
        return whole.bytes
    }

    /// The protocol says which field is the time.
    private func upload(_ options: InsertOptions) -> Upload {
        var parse = options.parse
        parse.timeFields = [StandardFields.time]
        var upload = Upload(backend, session: IngestSession(options: parse, parser: backend.parsers.take(parse)))
        upload.isTrial = options.isTrial
        return upload
    }
}
