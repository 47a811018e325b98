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
    /// `start` and `end`, both included, nanoseconds since the epoch; nil for all time.
    var timeRange: ClosedRange<Int64>?
    /// Nanoseconds that the answer may take; nil for as long as the server allows.
    var timeout: Int64?

    /// Reads `query`, `start`, `end`, `time`, `timeout` and the tenant's headers. Bad ones are answered with 400 and
    /// the place. The query is asked at `time`, or else at the end of the range, or else now.
    init(_ parameters: Parameters, headers: HTTPFields, clockNow: Int64) throws {
        guard let text = parameters["query"] else { throw AnswerError(.badRequest, "the argument query is missing") }
        func moment(_ name: String) throws -> Int64? {
            try parameters[name].map { try TimeArgument($0, name: name, now: clockNow).first }
        }
        let start = try moment("start")
        let end = try moment("end")
        // A nanosecond less, so that a day asked at its end has nothing of the next.
        now = (try moment("time") ?? end ?? clockNow) - 1
        timeout = try parameters.duration("timeout")
        tenant = try Tenant(headers)
        do {
            query = try QueryParser.parse(text, now: now)
        } catch {
            throw AnswerError(.badRequest, error.marked(in: text))
        }
        for name in ["extra_filters", "extra_stream_filters"] {
            for text in parameters.all(name) { query = query.adding(try ExtraFilter.parse(text, name: name)) }
        }
        if parameters["allow_partial_response"] != nil {
            query.options.allowsPartialResponse = parameters.flag("allow_partial_response")
        }
        guard start != nil || end != nil else { return }
        let first = start ?? .min
        let last = end.map(Self.lastNanosecond) ?? .max
        guard first <= last else { throw AnswerError(.badRequest, "start is after end") }
        timeRange = first...last
    }

    /// An end in whole seconds, or in whole milliseconds, includes all of its last one.
    private static func lastNanosecond(_ end: Int64) -> Int64 {
        for unit in [1_000_000_000, 1_000_000] as [Int64] where end % unit == 0 {
            return end.addingReportingOverflow(unit - 1).overflow ? .max : end + unit - 1
        }
        return end
    }

    /// The records that the filter selects, whatever the pipes would make of them.
    func withoutPipes() -> QueryRequest {
        var shorter = self
        shorter.query.pipes = []
        return shorter
    }

    /// The same with pipes behind those of the query.
    func adding(_ pipes: [Pipe]) -> QueryRequest {
        var longer = self
        longer.query.pipes += pipes
        return longer
    }
}
