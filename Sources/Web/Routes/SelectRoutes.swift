import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search

/// `/select/logsql/…`: LogsQL over HTTP, with the parameters and the answers that its clients know.
struct SelectRoutes {
    let backend: Backend
    private var runner: QueryRunner { QueryRunner(backend: backend) }

    init(backend: Backend) { self.backend = backend }

    func add(to router: Router<BasicRequestContext>) {
        add("query", to: router) { try query($0, $1) }
        add("tail", to: router) { request, _ in try TailRunner(backend: backend).stream(request) }
        add("hits", to: router) { try await hits($0, $1) }
        add("stats_query", to: router) { try await statistics($0, $1) }
        add("field_names", to: router) { request, _ in
            try await values(request.adding([.fieldNames(result: "value")]), named: "value")
        }
        add("field_values", to: router) { request, parameters in
            guard let field = parameters["field"] else {
                throw AnswerError(.badRequest, "the argument field is missing")
            }
            return try await fieldValues(request, of: ByteString(field), parameters)
        }
        add("streams", to: router) { try await fieldValues($0, of: StandardFields.stream, $1) }
        add("stream_ids", to: router) { try await fieldValues($0, of: StandardFields.streamID, $1) }
    }

    /// GET and POST, the arguments in the address or in a form.
    private func add(
        _ name: String, to router: Router<BasicRequestContext>,
        _ answer: @escaping @Sendable (QueryRequest, Parameters) async throws -> Response
    ) {
        let path = RouterPath("/select/logsql/" + name)
        let handler: @Sendable (Request, BasicRequestContext) async throws -> Response = { request, _ in
            let parameters = try await Parameters.reading(request)
            let now = try parameters["time"].map { try TimeArgument($0, name: "time", now: backend.clock.now()).first }
            return try await answer(
                try QueryRequest(parameters, headers: request.headers, now: now ?? backend.clock.now()), parameters)
        }
        router.get(path, use: handler)
        router.post(path, use: handler)
    }

    /// With `limit`, the newest rows of a query that only filters; otherwise that many of its results.
    private func query(_ request: QueryRequest, _ parameters: Parameters) throws -> Response {
        var request = request
        let offset = try parameters.count("offset", default: 0)
        let limit = try parameters.count("limit", default: 0)
        if limit > 0 {
            let newest = SortPipe(
                keys: [SortKey(StandardFields.time, isDescending: true)], offset: UInt64(offset), limit: UInt64(limit))
            if request.query.pipes.allSatisfy(\.keepsEveryRow) {
                request.query.pipes.insert(.sort(newest), at: 0)
            } else {
                request = request.adding((offset > 0 ? [.offset(UInt64(offset))] : []) + [.limit(UInt64(limit))])
            }
        } else if offset > 0 {
            request = request.adding([.offset(UInt64(offset))])
        }
        return try runner.stream(request)
    }

    /// Counts a step of time, a series for each combination of the fields.
    private func hits(_ request: QueryRequest, _ parameters: Parameters) async throws -> Response {
        let stepText = parameters["step"] ?? "1d"
        guard let step = NumberLiteral(stepText), step.value > 0 else {
            throw AnswerError(.badRequest, "step must be a duration such as 5m, not \"\(stepText)\"")
        }
        let offset = try parameters["offset"].map { text in
            guard let literal = NumberLiteral(text) else {
                throw AnswerError(.badRequest, "offset must be a duration such as 2h, not \"\(text)\"")
            }
            return literal
        }
        let fields = (parameters["field"]?.split(separator: ",") ?? []).map { ByteString(String($0)) }
        let groups =
            [StatsGroup(StandardFields.time, bucket: .step(step, offset: offset))] + fields.map { StatsGroup($0) }
        let counted = request.adding([
            .stats(StatsPipe(groups: groups, columns: [StatsColumn(.count([]), as: "hits")]))
        ])
        let (rows, partial) = try await runner.collect(counted)
        return HitsAnswer(rows, fields: fields).response(partial: partial)
    }

    private func fieldValues(
        _ request: QueryRequest, of field: ByteString, _ parameters: Parameters
    ) async throws -> Response {
        let limit = try parameters.count("limit", default: 0)
        return try await values(request.adding([.fieldValues(field, limit: UInt64(limit))]), named: field)
    }

    /// `{"values":[{"value":…,"hits":…}]}`, the most frequent first.
    private func values(_ request: QueryRequest, named name: ByteString) async throws -> Response {
        let (rows, partial) = try await runner.collect(request)
        var pairs: [(value: ByteString, hits: Int)] = []
        for portion in rows {
            for row in 0..<portion.rowCount {
                pairs.append((portion.value(name, row: row), Int(portion.value("hits", row: row).string) ?? 0))
            }
        }
        pairs.sort { ($1.hits, $0.value) < ($0.hits, $1.value) }
        return .json { json in
            json.array("values", pairs) { json, pair in
                json.object { json in
                    json.field("value", pair.value)
                    json.field("hits", pair.hits)
                }
            }
            if !partial.isEmpty { json.field("partial", partial.joined(separator: "; ")) }
        }
    }

    /// The results of a `stats` query as an instant vector, as Prometheus answers one.
    private func statistics(_ request: QueryRequest, _ parameters: Parameters) async throws -> Response {
        let shape: StatsShape
        do { shape = try request.query.statsShape() } catch { throw AnswerError(.badRequest, error.description) }
        let (rows, partial) = try await runner.collect(request)
        let vector = VectorAnswer(rows, shape: shape, now: request.now)
        return vector.response(partial: partial)
    }
}

extension Pipe {
    /// Whether each row comes out as one row, so that the newest rows may be chosen before it.
    fileprivate var keepsEveryRow: Bool {
        switch self {
        case .copy, .delete, .extract, .extractRegexp, .fields, .format, .hash, .jsonArrayLength, .length, .math,
            .packJSON, .packLogfmt, .rename, .replace, .replaceRegexp, .unpackJSON, .unpackLogfmt, .unpackSyslog,
            .unpackWords, .collapseNumbers, .decolorize, .dropEmptyFields:
            true
        default: false
        }
    }
}
