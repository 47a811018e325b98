import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search

/// `/select/logsql/…`: LogsQL over HTTP, with the parameters and the answers that its clients know.
struct SelectRoutes {
    let backend: Backend
    var runner: QueryRunner { QueryRunner(backend: backend) }

    init(backend: Backend) { self.backend = backend }

    func add(to router: Router<BasicRequestContext>) {
        addStreaming("query", to: router) { try await query($0, $1, to: $2) }
        addStreaming("tail", to: router) { try await TailRunner(backend: backend).stream($0, $1, to: $2) }
        add("hits", to: router) { try await hits($0, $1) }
        add("facets", to: router) { try await facets($0, $1) }
        add("stats_query", to: router, errors: Self.prometheus) { request, _ in try await statistics(request) }
        add("stats_query_range", to: router, errors: Self.prometheus) { try await statisticsRange($0, $1) }
        add("field_names", to: router) { request, _ in
            try await values(request.withoutPipes().adding([.fieldNames(result: "value")]), named: "value")
        }
        add("field_values", to: router) { try await fieldValues($0, of: try Self.field($1), $1) }
        add("streams", to: router) { try await fieldValues($0, of: StandardFields.stream, $1) }
        add("stream_ids", to: router) { try await fieldValues($0, of: StandardFields.streamID, $1) }
        add("stream_field_names", to: router) { request, _ in try await streamFields(request) }
        add("stream_field_values", to: router) { request, parameters in
            try await streamFields(
                request, of: try Self.field(parameters), limit: try parameters.count("limit", default: 0))
        }
    }

    private typealias Answer = @Sendable (QueryRequest, Parameters) async throws -> Response
    private typealias StreamingAnswer = @Sendable (QueryRequest, Parameters, ClientWatch) async throws -> Response

    /// An answer that is whole before any of it is sent. A client that goes away ends its query.
    private func add(
        _ name: String, to router: Router<BasicRequestContext>,
        errors: @escaping @Sendable (AnswerError) throws -> Response = { throw $0 }, _ answer: @escaping Answer
    ) {
        addStreaming(name, to: router, errors: errors) { query, parameters, client in
            try await client.run { try await answer(query, parameters) }
        }
    }

    /// GET and POST, the arguments in the address or in a form.
    private func addStreaming(
        _ name: String, to router: Router<BasicRequestContext>,
        errors: @escaping @Sendable (AnswerError) throws -> Response = { throw $0 },
        _ answer: @escaping StreamingAnswer
    ) {
        let path = RouterPath("/select/logsql/" + name)
        let handler: @Sendable (Request, BasicRequestContext) async throws -> Response = { request, _ in
            do {
                let parameters = try await Parameters.reading(request)
                let query = try QueryRequest(parameters, headers: request.headers, clockNow: backend.clock.now())
                return try await answer(query, parameters, ClientWatch(request))
            } catch let error as AnswerError {
                return try errors(error)
            }
        }
        router.get(path, use: handler)
        router.post(path, use: handler)
        for method in [HTTPRequest.Method.put, .delete, .patch] {
            router.on(path, method: method) { _, _ in
                Response(
                    status: .methodNotAllowed, headers: [.allow: "GET, POST"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: "only GET and POST are taken here\n")))
            }
        }
    }

    /// Errors as clients of Prometheus' interface expect them: a query that cannot be answered is 422.
    private static func prometheus(_ error: AnswerError) -> Response {
        let status = error.status == .badRequest ? .unprocessableContent : error.status
        return .json(status) { json in
            json.field("status", "error")
            json.field("errorType", "\(status.code)")
            json.field("error", error.message)
        }
    }

    private static func field(_ parameters: Parameters) throws -> ByteString {
        guard let field = parameters["field"] else { throw AnswerError(.badRequest, "the argument field is missing") }
        return ByteString(field)
    }

    /// With `limit`, the newest rows of a query that works row by row, oldest first; else that many of its results.
    private func query(
        _ request: QueryRequest, _ parameters: Parameters, to client: ClientWatch
    ) async throws -> Response {
        var request = request
        let offset = UInt64(try parameters.count("offset", default: 0))
        let limit = UInt64(try parameters.count("limit", default: 0))
        if limit > 0, request.query.pipes.allSatisfy(\.keepsEveryRow) {
            let time = StandardFields.time
            let newest = SortPipe(keys: [SortKey(time, isDescending: true)], offset: offset, limit: limit)
            request.query.pipes.insert(contentsOf: [.sort(newest), .sort(SortPipe(keys: [SortKey(time)]))], at: 0)
        } else if limit > 0, request.query.pipes.allSatisfy(\.keepsTimes) {
            let time = StandardFields.time
            let newest = SortPipe(keys: [SortKey(time, isDescending: true)], offset: offset, limit: limit)
            request = request.adding([.sort(newest), .sort(SortPipe(keys: [SortKey(time)]))])
        } else {
            let pipes: [Pipe] = (offset > 0 ? [.offset(offset)] : []) + (limit > 0 ? [.limit(limit)] : [])
            request = request.adding(pipes)
        }
        return try await runner.stream(request, to: client)
    }

    private func fieldValues(
        _ request: QueryRequest, of field: ByteString, _ parameters: Parameters
    ) async throws -> Response {
        let limit = try parameters.count("limit", default: 0)
        let pipe = Pipe.fieldValues(field, limit: UInt64(limit))
        return try await values(request.withoutPipes().adding([pipe]), named: field)
    }

    /// `{"values":[{"value":…,"hits":…}]}`, the most frequent first.
    private func values(_ request: QueryRequest, named name: ByteString) async throws -> Response {
        let (rows, partial) = try await runner.collect(request)
        var pairs: [ValuesAnswer.Pair] = []
        for portion in rows {
            for row in 0..<portion.rowCount {
                pairs.append((portion.value(name, row: row), Int(portion.value("hits", row: row).string) ?? 0))
            }
        }
        return ValuesAnswer(pairs).response(partial: partial)
    }

    /// The names of the streams' fields, or the values of one of them, with the records of the streams that have them.
    private func streamFields(
        _ request: QueryRequest, of field: ByteString? = nil, limit: Int = 0
    ) async throws -> Response {
        let (rows, partial) = try await runner.collect(
            request.withoutPipes().adding([.fieldValues(StandardFields.stream, limit: 0)]))
        var hits: [ByteString: Int] = [:]
        for portion in rows {
            for row in 0..<portion.rowCount {
                let count = Int(portion.value("hits", row: row).string) ?? 0
                for label in StreamLabels.labels(of: portion.value(StandardFields.stream, row: row)) {
                    if let field {
                        if label.name == field { hits[label.value, default: 0] += count }
                    } else {
                        hits[label.name, default: 0] += count
                    }
                }
            }
        }
        return ValuesAnswer(hits.map { ($0.key, $0.value) }, limit: limit).response(partial: partial)
    }
}

extension Pipe {
    /// Whether each row comes out as one row with its time, so that the newest rows may be chosen before it.
    fileprivate var keepsEveryRow: Bool {
        switch self {
        case .fields(let patterns): patterns.contains { $0.matches(StandardFields.time) }
        case .delete(let patterns): !patterns.contains { $0.matches(StandardFields.time) }
        case .copy, .extract, .extractRegexp, .format, .hash, .jsonArrayLength, .length, .math, .packJSON, .packLogfmt,
            .rename, .replace, .replaceRegexp, .unpackJSON, .unpackLogfmt, .unpackSyslog, .unpackWords,
            .collapseNumbers, .decolorize:
            true
        default: false
        }
    }

    /// Whether the rows that come out have the times of those that came in, so that the newest may be chosen behind it.
    fileprivate var keepsTimes: Bool {
        switch self {
        case .filter, .unroll, .dropEmptyFields, .split: true
        default: keepsEveryRow
        }
    }
}
