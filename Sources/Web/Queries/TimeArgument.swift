import Bytes
import Formats
import QueryLanguage

/// An argument that should be a time and is none.
public struct TimeArgumentError: Error, Sendable, CustomStringConvertible {
    public var name: String
    public var text: String

    public var description: String {
        "\(name) must be a time (RFC 3339, Unix, now, or an age such as 5m), not \"\(text)\""
    }
}

/// A moment in an argument: RFC 3339, whole or in part, Unix time, `now`, or an age such as `5m` or `now-5m`.
public struct TimeArgument: Sendable {
    /// The first nanosecond that it names, and the first behind it: as a start, and as an end that is not included. An
    /// exact moment is its own end.
    public var first: Int64
    public var end: Int64

    /// Throws `TimeArgumentError`. `now` in nanoseconds since the epoch.
    public init(_ text: String, name: String, now: Int64) throws(TimeArgumentError) {
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
                throw TimeArgumentError(name: name, text: text)
            }
            first = moment
            end = moment
        }
    }
}
