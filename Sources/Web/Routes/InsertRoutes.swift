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
        let session = try await session(request)
        let encoding = request.headers[.contentEncoding] ?? ""
        var refusal: (any Error)?
        let compression = Compression(contentEncoding: encoding)
        if compression == nil {
            let message = "Content-Encoding \(encoding) is not understood: gzip, zstd or lz4"
            refusal = AnswerError(.unsupportedMediaType, message)
        }
        var upload = try Upload(backend, session: session, compression: compression ?? .none, limit: Self.requestBytes)
        upload.isTrial = Parameters(request).flag("debug") || ["1", "true"].contains(request.headers.value("VL-Debug"))
        var bytes = 0
        // After a refusal the rest is read and dropped: a client that is still sending would not see the answer.
        for try await buffer in request.body {
            bytes += buffer.readableBytes
            guard bytes <= Self.requestBytes else {
                refusal = AnswerError(.contentTooLarge, "a request may have \(Self.requestBytes >> 20) MiB")
                break
            }
            guard refusal == nil else { continue }
            do { try await upload.take(buffer.readableBytesSpan) } catch { refusal = error }
        }
        if refusal == nil {
            do { try await upload.finish() } catch { refusal = error }
        }
        if let refusal { throw answer(for: refusal, stored: upload.stored) }
        let answer = upload.answer()
        backend.parsers.giveBack(upload.releaseParser())
        return answer
    }

    private func answer(for error: any Error, stored: Int) -> any Error {
        let before = stored > 0 ? "; \(stored) records before it are stored" : ""
        if let error = error as? DecompressionError { return AnswerError(.badRequest, "\(error)\(before)") }
        guard let error = error as? SinkError else { return error }
        backend.counters.refusedInserts.add(1, ordering: .relaxed)
        switch error {
        case .busy(let seconds):
            let message = "the queue in front of the disk is full\(before)"
            return AnswerError(.tooManyRequests, message, retryAfterSeconds: seconds)
        case .storage(let reason):
            return AnswerError(.serviceUnavailable, "\(reason)\(before)", retryAfterSeconds: 5)
        case .closed: return AnswerError(.serviceUnavailable, "the server is going down\(before)", retryAfterSeconds: 5)
        }
    }

    /// The arguments as VictoriaLogs names them, in the address or in headers. `_agent` and `_first` make the request
    /// harmless to repeat, as a hello does over TCP: they name a numbering and the number of the first record.
    private func session(_ request: Request) async throws -> IngestSession {
        let parameters = Parameters(request)
        func argument(_ name: String, header: String) -> String? {
            parameters[name] ?? request.headers.value(header)
        }
        let extraFields = argument("extra_fields", header: "VL-Extra-Fields")
        if let wrong = extraFields?.split(separator: ",").first(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
            throw AnswerError(.badRequest, "extra_fields must be name=value, name=value …, not \"\(wrong)\"")
        }
        let options = ParseOptions(
            timeField: argument("_time_field", header: "VL-Time-Field"),
            messageField: argument("_msg_field", header: "VL-Msg-Field"),
            streamFields: argument("_stream_fields", header: "VL-Stream-Fields"),
            ignoreFields: argument("ignore_fields", header: "VL-Ignore-Fields"),
            extraFields: extraFields, tenant: try Tenant(request.headers))
        guard let agent = parameters["_agent"] else {
            return IngestSession(options: options, parser: backend.parsers.take(options))
        }
        guard let first = parameters["_first"].flatMap({ UInt64($0) }), first > 0,
            first <= UInt64(Hello.maximumFirst)
        else {
            throw AnswerError(.badRequest, "_agent needs _first, the number of the first record, from 1 to 2^62")
        }
        let last = await backend.store.lastSequence(of: agent, tenant: options.tenant)
        guard last == 0 || first - 1 <= last else {
            throw AnswerError(.conflict, "_first: \(first) leaves a gap, \(last) is the last record stored")
        }
        return IngestSession(agent: agent, first: first, options: options, last: last)
    }
}

/// One request's records on their way to the store.
private struct Upload: ~Copyable {
    private let backend: Backend
    /// Nothing is stored; the answer shows the first records as they would be.
    var isTrial = false
    private var shown: [(time: Int64, fields: [(ByteString, ByteString)])] = []
    private var session: IngestSession
    private var decompressor: Decompressor?
    private var rejections: [Rejection] = []
    /// Parsed and not yet handed to the store, so that a small request is stored as a whole or not at all.
    private var waiting: [IngestSession.Portion] = []
    private var waitingBytes = 0
    private(set) var stored = 0
    /// Records that the store left out because they are older than retention.
    private var expired = 0

    /// Bytes that may wait; a larger request is stored piece by piece.
    private static let heldBytes = 16 << 20
    /// How often a piece is offered again, a second apart, once others of its request are stored: an answer that asks
    /// to send all again would store those twice.
    private static let tries = 60

    init(_ backend: Backend, session: IngestSession, compression: Compression, limit: Int) throws {
        self.backend = backend
        self.session = session
        decompressor = compression == .none ? nil : try Decompressor(compression, outputLimit: limit)
    }

    mutating func take(_ bytes: RawSpan) async throws {
        guard decompressor != nil else {
            session.feed(bytes, arrival: backend.clock.now())
            return try await storeWhatIsFull()
        }
        decompressor!.feed(bytes)
        var piece: [UInt8] = []
        while try decompressor!.next(into: &piece) {
            session.feed(piece.rawSpan, arrival: backend.clock.now())
            try await storeWhatIsFull()
        }
    }

    mutating func finish() async throws {
        if decompressor != nil { try decompressor!.finish() }
        session.finish(arrival: backend.clock.now(), isWhole: true)
        collect()
        try await store()
    }

    private mutating func storeWhatIsFull() async throws {
        guard session.isFull else { return }
        collect()
        if waitingBytes >= Self.heldBytes { try await store() }
    }

    private mutating func collect() {
        while let portion = session.take() {
            rejections += portion.rejections.prefix(Limits.rejectionExamples - rejections.count)
            guard portion.batch.rowCount > 0 || portion.mark != nil else { continue }
            waitingBytes += portion.batch.memoryBytes
            waiting.append(portion)
        }
    }

    private mutating func store() async throws {
        for portion in waiting {
            guard !isTrial else {
                show(portion.batch)
                continue
            }
            let leftOut = try await append(portion)
            stored += portion.batch.rowCount - leftOut
            expired += leftOut
        }
        waiting = []
        waitingBytes = 0
    }

    private mutating func show(_ batch: RecordBatch) {
        for row in 0..<min(batch.rowCount, Limits.rejectionExamples - shown.count) {
            let fields = batch.columns.indices.filter { batch.columns[$0].slices[row].length > 0 }.map { column in
                (batch.columns[column].name, ByteString(batch.value(row: row, column: column)))
            }
            shown.append((batch.times[row], fields))
        }
    }

    /// Answers how many rows the store left out.
    private func append(_ portion: IngestSession.Portion) async throws -> Int {
        var left = stored > 0 ? Self.tries : 0
        while true {
            do throws(SinkError) {
                return try await backend.store.appendCounting(portion.batch, mark: portion.mark).expiredRows
            } catch {
                guard left > 0, error != .closed else { throw error }
            }
            left -= 1
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// The parser for the next request.
    consuming func releaseParser() -> JSONLinesParser { session.releaseParser() }

    /// The counts, and the first rejected lines with their reasons.
    func answer() -> Response {
        let summary = session.summary
        // Nil stands for the records that the store left out: which lines they were on it does not know.
        let rejections: [Rejection?] = self.rejections + (expired > 0 ? [nil] : [])
        let expired = self.expired
        let shown = self.shown
        if isTrial {
            return .json { json in
                json.field("stored", 0)
                json.field("rejected", summary.rejected)
                json.array("records", shown) { json, record in
                    json.object { json in
                        json.field("_time", Timestamp(nanoseconds: record.time).description)
                        for (name, value) in record.fields { json.field(name.string, value) }
                    }
                }
                json.array("rejections", rejections.compactMap(\.self)) { json, rejection in
                    json.object { Self.write(rejection, to: &$0) }
                }
            }
        }
        backend.counters.acceptedRecords.add(summary.accepted - expired, ordering: .relaxed)
        backend.counters.rejectedRecords.add(summary.rejected + expired, ordering: .relaxed)
        backend.counters.repairedBytes.add(summary.replacedBytes, ordering: .relaxed)
        return .json { json in
            json.field("accepted", summary.accepted - expired)
            json.field("rejected", summary.rejected + expired)
            if summary.repeated > 0 { json.field("repeated", summary.repeated) }
            if summary.mistimed > 0 { json.field("arrival_times", summary.mistimed) }
            if summary.replacedBytes > 0 { json.field("replaced_bytes", summary.replacedBytes) }
            json.array("rejections", rejections) { json, rejection in
                json.object { json in
                    guard let rejection else {
                        json.field("records", expired)
                        return json.field("reason", Appended.expiredReason)
                    }
                    Self.write(rejection, to: &json)
                }
            }
        }
    }

    private static func write(_ rejection: Rejection, to json: inout JSONText) {
        json.field("line", rejection.line)
        json.field("reason", rejection.reason)
        json.field("sample", rejection.sample)
    }
}
