import Machine
import QueryLanguage

/// Until when a query may run: what its request asks for, and never longer than the server allows.
struct QueryTimeout: Sendable {
    private let deadline: Int64?
    private let nanoseconds: Int64
    private let clock: any MonotonicClock

    /// Both in nanoseconds; nil is no limit.
    init(request: Int64?, most: Int64?, clock: any MonotonicClock) {
        self.clock = clock
        nanoseconds = min(request.flatMap { $0 > 0 ? $0 : nil } ?? .max, most ?? .max)
        let now = clock.uptime()
        deadline = nanoseconds == .max ? nil : now + min(nanoseconds, .max - now)
    }

    var isOver: Bool { deadline.map { clock.uptime() >= $0 } ?? false }

    var error: QueryTimeoutError { QueryTimeoutError(nanoseconds: nanoseconds) }
}

/// A query took longer than it may.
struct QueryTimeoutError: Error, CustomStringConvertible {
    var nanoseconds: Int64

    var description: String {
        var text: [UInt8] = []
        DurationText.append(nanoseconds, to: &text)
        return "the query took longer than its limit of " + String(decoding: text, as: UTF8.self)
    }
}
