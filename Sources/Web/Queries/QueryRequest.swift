import Bytes
import Hummingbird
import QueryLanguage
import Records

/// A query as a request asks it: the text, narrowed to `start` and `end`, for one tenant.
struct QueryRequest: Sendable {
    var query: Query
    var tenant: Tenant
    /// Nanoseconds since the epoch: what `now` means in it.
    var now: Int64
    /// `start` and `end`, nanoseconds since the epoch; nil for all time.
    var timeRange: ClosedRange<Int64>?

    /// Reads `query`, `start`, `end` and the tenant's headers. Bad ones are answered with 400 and the place.
    init(_ parameters: Parameters, headers: HTTPFields, now: Int64) throws {
        guard let text = parameters["query"] else { throw AnswerError(.badRequest, "the argument query is missing") }
        self.now = now
        tenant = try Tenant(headers)
        do {
            query = try QueryParser.parse(text, now: now)
        } catch {
            throw AnswerError(.badRequest, error.marked(in: text))
        }
        for name in ["extra_filters", "extra_stream_filters"] {
            guard let text = parameters[name] else { continue }
            query = query.adding(try ExtraFilter.parse(text, name: name))
        }
        let start = try parameters["start"].map { try TimeArgument($0, name: "start", now: now).first } ?? .min
        let end = try parameters["end"].map { try TimeArgument($0, name: "end", now: now).end } ?? .max
        guard start <= end else { throw AnswerError(.badRequest, "start is after end") }
        // `end` is not included, and an empty range still needs one nanosecond to be a range.
        timeRange = start == .min && end == .max ? nil : start...max(start, end == .max ? .max : end - 1)
    }

    /// The same with pipes behind those of the query.
    func adding(_ pipes: [Pipe]) -> QueryRequest {
        var longer = self
        longer.query.pipes += pipes
        return longer
    }
}
