import Bytes
import Formats
import HTTPTypes
import Hummingbird
import Intake
import Records

/// Elasticsearch's bulk requests, for shippers that speak nothing else, and the few other addresses that they ask
/// before they begin.
struct BulkRoutes {
    let backend: Backend

    static let paths = ["/insert/elasticsearch/_bulk", "/insert/elasticsearch/{index}/_bulk", "/_bulk"]

    /// Bytes of one request, unpacked: what Elasticsearch takes by default.
    private static let requestBytes = 100 << 20

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.paths {
            router.post(RouterPath(path)) { request, _ in try await insert(request) }
            router.put(RouterPath(path)) { request, _ in try await insert(request) }
        }
        router.get("/insert/elasticsearch") { _, _ in Self.greeting() }
        router.head("/insert/elasticsearch") { _, _ in Self.greeting() }
        router.get("/insert/elasticsearch/_license") { _, _ in
            Self.answer { json in
                json.object("license") { json in
                    json.field("uid", "plumb")
                    json.field("type", "oss")
                    json.field("status", "active")
                    json.field("expiry_date_in_millis", 4_000_000_000_000)
                }
            }
        }
        // Index templates, lifecycle policies and pipelines have no meaning here; a shipper that is told so goes on.
        for name in ["_ilm", "_index_template", "_template", "_component_template", "_ingest", "_data_stream"] {
            for method in [HTTPRequest.Method.get, .put, .head, .post] {
                router.on("/insert/elasticsearch/\(name)/**", method: method) { _, _ in Self.answer { _ in } }
            }
        }
        for name in ["_xpack", "_nodes/http", "_cluster/health"] {
            router.get("/insert/elasticsearch/\(name)") { _, _ in Self.answer { _ in } }
        }
    }

    private static func answer(_ build: (inout JSONText) -> Void) -> Response {
        var response = Response.json(.ok, build)
        // Elastic's own clients look for it before they send anything.
        if let name = HTTPField.Name("X-Elastic-Product") { response.headers[name] = "Elasticsearch" }
        return response
    }

    /// Shippers choose their requests by the version.
    private static func greeting() -> Response {
        answer { json in
            json.field("name", "plumb")
            json.field("cluster_name", "plumb")
            json.object("version") { json in
                json.field("number", "8.9.0")
                json.field("build_flavor", "default")
            }
            json.field("tagline", "You Know, for Search")
        }
    }

    private func insert(_ request: Request) async throws -> Response {
        let options = try InsertOptions(request)
        var session = IngestSession(options: options.parse, parser: backend.parsers.take(options.parse))
        session.listsRejected = true
        var bulk = BulkUpload(upload: Upload(backend, session: session))
        bulk.upload.isTrial = options.isTrial
        let start = backend.clock.uptime()
        if let refusal = try await request.readBody(limit: Self.requestBytes, into: &bulk) {
            throw bulk.upload.refusal(refusal)
        }
        if options.isTrial { return bulk.upload.answer() }
        bulk.upload.count()
        let answer = Self.answer(bulk, milliseconds: Int(backend.clock.uptime() - start) / 1_000_000)
        backend.parsers.giveBack(bulk.releaseParser())
        return answer
    }

    /// One item an action, in order: what a shipper decides by whether to send a document again.
    private static func answer(_ bulk: borrowing BulkUpload, milliseconds: Int) -> Response {
        let items = bulk.lines.items
        let rejected = bulk.upload.session.rejectedRecords
        let reason = bulk.upload.rejections.first?.reason ?? "not a record"
        let expired = bulk.upload.expired
        return answer { json in
            json.field("took", milliseconds)
            json.field("errors", !rejected.isEmpty || items.contains { !$0.stores })
            if expired > 0 { json.field("older_than_retention", expired) }
            var record = 0
            var next = rejected[...]
            json.array("items", items) { json, item in
                var fault: String?
                switch item {
                case .create, .index:
                    record += 1
                    if next.first == record {
                        next.removeFirst()
                        fault = reason
                    }
                case .update, .delete: fault = "records are stored once and never changed"
                case .unknown: fault = "not an action"
                case .missing: fault = "an action without its document"
                }
                json.object { json in
                    json.object(item.name) { json in
                        json.field("status", fault == nil ? 201 : 400)
                        guard let fault else { return }
                        json.object("error") { json in
                            json.field("type", "mapper_parsing_exception")
                            json.field("reason", fault)
                        }
                    }
                }
            }
        }
    }
}

extension BulkLines.Item {
    /// What Elasticsearch calls it in its answers.
    fileprivate var name: String {
        switch self {
        case .create, .unknown, .missing: "create"
        case .index: "index"
        case .update: "update"
        case .delete: "delete"
        }
    }
}

/// Documents between their actions, on their way to the store.
private struct BulkUpload: ~Copyable, BodySink {
    private(set) var lines = BulkLines()
    var upload: Upload

    init(upload: consuming Upload) { self.upload = upload }

    mutating func take(_ bytes: RawSpan) async throws {
        var documents: [UInt8] = []
        lines.feed(bytes, into: &documents)
        try await store(documents)
    }

    mutating func finish() async throws {
        var documents: [UInt8] = []
        lines.finish(into: &documents)
        try await store(documents)
        try await upload.finish()
    }

    private mutating func store(_ documents: [UInt8]) async throws { try await upload.take(documents.rawSpan) }

    consuming func releaseParser() -> JSONLinesParser { upload.releaseParser() }
}
