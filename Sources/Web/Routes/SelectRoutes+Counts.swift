import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search

/// What counts records: over time, by field, and by the query's own functions.
extension SelectRoutes {
    /// Counts a step of time, a series for each combination of the fields.
    func hits(_ request: QueryRequest, _ parameters: Parameters) async throws -> Response {
        let bucket = try Self.bucket(parameters)
        // `a,b` is taken for two fields, too.
        let fields = parameters.all("field").flatMap { $0.split(separator: ",") }.map { ByteString(String($0)) }
        let groups = [StatsGroup(StandardFields.time, bucket: bucket)] + fields.map { StatsGroup($0) }
        let counted = request.withoutPipes().adding([
            .stats(StatsPipe(groups: groups, columns: [StatsColumn(.count([]), as: "hits")]))
        ])
        let (rows, partial) = try await runner.collect(counted)
        let limit = try parameters.count("fields_limit", default: 0)
        return HitsAnswer(rows, fields: fields, limit: limit).response(partial: partial)
    }

    /// `step` and `offset` as a bucket of time.
    private static func bucket(_ parameters: Parameters) throws -> StatsBucket {
        let step = parameters["step"] ?? "1d"
        if let offset = parameters["offset"], DurationLiteral(offset) == nil, NumberLiteral(offset) == nil {
            throw AnswerError(.badRequest, "offset must be a duration such as 2h, not \"\(offset)\"")
        }
        // A number alone counts seconds here, as in Prometheus' own interface.
        let text = Double(step) == nil ? step : step + "s"
        guard let bucket = StatsBucket(step: text, offset: parameters["offset"]) else {
            throw AnswerError(.badRequest, "step must be a duration such as 5m, or month, not \"\(step)\"")
        }
        return bucket
    }

    /// `{"facets":[{"field_name":…,"values":[{"field_value":…,"hits":…}]}]}`.
    func facets(_ request: QueryRequest, _ parameters: Parameters) async throws -> Response {
        let usual = FacetsPipe()
        func count(_ name: String, _ usual: UInt64) throws -> UInt64 {
            let count = try parameters.count(name, default: 0)
            return count > 0 ? UInt64(count) : usual
        }
        let pipe = FacetsPipe(
            count: try count("limit", usual.count),
            maximumValuesPerField: try count("max_values_per_field", usual.maximumValuesPerField),
            maximumValueLength: try count("max_value_len", usual.maximumValueLength),
            keepsConstantFields: parameters.flag("keep_const_fields"))
        let (rows, partial) = try await runner.collect(request.withoutPipes().adding([.facets(pipe)]))
        return FacetsAnswer(rows).response(partial: partial)
    }

    /// The results of a `stats` query as an instant vector, as Prometheus answers one.
    func statistics(_ request: QueryRequest) async throws -> Response {
        let shape: StatsShape
        do { shape = try request.query.statsShape() } catch { throw AnswerError(.badRequest, error.description) }
        let (rows, partial) = try await runner.collect(request)
        return VectorAnswer(rows, shape: shape, now: request.now).response(partial: partial)
    }

    /// The same for each step of time, as a range query.
    func statisticsRange(_ request: QueryRequest, _ parameters: Parameters) async throws -> Response {
        var request = request
        let shape: StatsShape
        do {
            request.query = try request.query.groupedByTime(try Self.bucket(parameters))
            shape = try request.query.statsShape()
        } catch let error as UnsuitableQueryError {
            throw AnswerError(.badRequest, error.description)
        }
        let (rows, partial) = try await runner.collect(request)
        return MatrixAnswer(rows, shape: shape, now: request.now).response(partial: partial)
    }
}
