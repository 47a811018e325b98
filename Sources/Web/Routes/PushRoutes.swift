import Bytes
import Formats
import Hummingbird
import Intake
import Records

/// Records in the protocols of Loki's and OpenTelemetry's clients. A 2xx means what it means everywhere here: durable
/// and visible.
struct PushRoutes {
    let backend: Backend

    static let lokiPaths = ["/insert/loki/api/v1/push", "/loki/api/v1/push"]
    static let otlpPaths = ["/insert/opentelemetry/v1/logs", "/insert/opentelemetry/api/v1/push", "/v1/logs"]

    /// Bytes of one request, unpacked: it is read as a whole.
    private static let requestBytes = 32 << 20

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.lokiPaths { router.post(RouterPath(path)) { request, _ in try await loki(request) } }
        for path in Self.otlpPaths { router.post(RouterPath(path)) { request, _ in try await otlp(request) } }
        router.get("/insert/loki/ready") { _, _ in Response.text("ready\n") }
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
        var whole = WholeBody()
        if let refusal = try await request.readBody(limit: Self.requestBytes, foreignCoding: "snappy", into: &whole) {
            throw upload.refusal(refusal)
        }
        do {
            if isJSON(request) {
                try push.read(json: whole.bytes)
            } else {
                let block = try SnappyBlock.unpack(whole.bytes.rawSpan, limit: Self.requestBytes)
                try push.read(protobuf: block.rawSpan)
            }
            try await upload.take(push.lines.bytes.rawSpan)
            try await upload.finish()
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
        let options = try InsertOptions(request)
        let isJSON = isJSON(request)
        var logs = OTLPLogs(namesStream: options.parse.streamFields == nil)
        var upload = upload(options)
        var whole = WholeBody()
        if let refusal = try await request.readBody(limit: Self.requestBytes, into: &whole) {
            throw upload.refusal(refusal)
        }
        do {
            if isJSON { try logs.read(json: whole.bytes) } else { try logs.read(protobuf: whole.bytes.rawSpan) }
            try await upload.take(logs.lines.bytes.rawSpan)
            try await upload.finish()
        } catch {
            throw upload.refusal(error)
        }
        if options.isTrial { return upload.answer() }
        upload.count()
        let rejected = upload.session.summary.rejected + upload.expired
        let reason = upload.rejections.first?.reason ?? Appended.expiredReason
        backend.parsers.giveBack(upload.releaseParser())
        return isJSON ? Self.answer(json: rejected, reason) : Self.answer(protobuf: rejected, reason)
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
        var message: [UInt8] = []
        if rejected > 0 {
            var partial: [UInt8] = [1 << 3]
            appendVarint(rejected, to: &partial)
            partial.append(2 << 3 | 2)
            appendVarint(reason.utf8.count, to: &partial)
            partial.append(contentsOf: reason.utf8)
            message.append(1 << 3 | 2)
            appendVarint(partial.count, to: &message)
            message.append(contentsOf: partial)
        }
        return .bytes(message, type: "application/x-protobuf")
    }

    private static func appendVarint(_ value: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
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
