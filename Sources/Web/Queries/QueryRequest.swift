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
        let start = try parameters["start"].map { try TimeArgument($0, name: "start", now: now).first }
        let end = try parameters["end"].map { try TimeArgument($0, name: "end", now: now).end }
        narrow(from: start, to: end)
    }

    /// Adds pipes behind those of the query.
    func adding(_ pipes: [Pipe]) -> Query {
        var longer = query
        longer.pipes += pipes
        return longer
    }

    /// Keeps `[start, end)`, nanoseconds since the epoch.
    private mutating func narrow(from start: Int64?, to end: Int64?) {
        guard start != nil || end != nil, query.options.ignoresGlobalTimeFilter != true else { return }
        let filter = Filter.time(
            TimeFilter(
                .between(
                    Self.point(start ?? .min), includesLower: true, Self.point(end ?? .max), includesUpper: end == nil)))
        switch query.filter {
        case .all: query.filter = filter
        case .and(let parts): query.filter = .and([filter] + parts)
        default: query.filter = .and([filter, query.filter])
        }
    }

    private static func point(_ nanoseconds: Int64) -> TimePoint {
        TimePoint(
            text: Timestamp(nanoseconds: nanoseconds).description,
            moment: .absolute(first: nanoseconds, last: nanoseconds))
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
