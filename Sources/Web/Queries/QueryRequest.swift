import Bytes
import Formats
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

/// A moment in an argument: RFC 3339, whole or in part, Unix time, `now`, or an age such as `5m` or `now-5m`.
struct TimeArgument {
    /// The first nanosecond that it names, and the first behind it: as a start, and as an end that is not included. An
    /// exact moment is its own end.
    var first: Int64
    var end: Int64

    init(_ text: String, name: String, now: Int64) throws {
        let bytes = Array(text.utf8)
        var age = text
        if text.hasPrefix("now") {
            age = String(text.dropFirst(3))
            if age.isEmpty { age = "0s" }
        }
        if let duration = DurationLiteral(age) {
            // `now+5m` is ahead; `5m` and `now-5m` are ago.
            let distance = age.hasPrefix("+") ? -duration.nanoseconds : abs(duration.nanoseconds)
            first = now - distance
            end = first
        } else if let period = TimeText.period(bytes.rawSpan) {
            first = period.first
            end = period.hasSeconds ? period.first : period.last &+ 1
        } else {
            var unix = TimestampText()
            guard let moment = unix.parse(bytes.rawSpan) else {
                throw AnswerError(
                    .badRequest, "\(name) must be a time (RFC 3339, Unix, now, or an age such as 5m), not \"\(text)\"")
            }
            first = moment
            end = moment
        }
    }
}
