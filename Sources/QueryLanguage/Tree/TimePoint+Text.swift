import Bytes
import Records

extension TimePoint {
    /// Reads a moment as queries and the `start`, `end` and `time` arguments of requests write it: RFC 3339, whole or
    /// partial; Unix seconds, milliseconds, microseconds or nanoseconds by size; `now`, `now-1h`; `5m` or `-5m` for
    /// five minutes ago. Nil if it is none of these. O(length).
    public init?(_ text: String) {
        guard let moment = TimePoint.moment(Array(text.utf8)) else { return nil }
        self.init(text: text, moment: moment)
    }

    private static func moment(_ text: [UInt8]) -> Moment? {
        if text.starts(with: "now".utf8) { return relative(text) }
        if let period = TimeText.period(text.rawSpan) { return .absolute(first: period.first, last: period.last) }
        if let unix = unixTime(text) { return unix }
        let age = text.first == UInt8(ascii: "-") ? text[1...] : text[...]
        return DurationLiteral(String(decoding: age, as: UTF8.self)).map { .ago($0) }
    }

    private static func relative(_ text: [UInt8]) -> Moment? {
        guard text.count > 3 else { return .relativeToNow(0) }
        guard let distance = NumericText.duration(Array(text[4...]).rawSpan), distance >= 0 else { return nil }
        return switch text[3] {
        case UInt8(ascii: "-"): .relativeToNow(-distance)
        case UInt8(ascii: "+"): .relativeToNow(distance)
        default: nil
        }
    }

    /// The unit follows from the size: seconds reach year 5138, and milliseconds begin in March 1973.
    private static func unixTime(_ text: [UInt8]) -> Moment? {
        guard let number = NumericText.decimal(text.rawSpan), abs(number) < 0x1p63 else { return nil }
        let unit: Int64 =
            switch abs(number) {
            case ..<1e11: Timestamp.nanosecondsPerSecond
            case ..<1e14: 1_000_000
            case ..<1e17: 1_000
            default: 1
            }
        if let integer = Int64(String(decoding: text, as: UTF8.self)) {
            let (first, overflow) = integer.multipliedReportingOverflow(by: unit)
            return overflow ? nil : .absolute(first: first, last: clampedSum(first, unit - 1))
        }
        let nanoseconds = number * Double(unit)
        guard abs(nanoseconds) < 0x1p63 else { return nil }
        return .absolute(first: Int64(nanoseconds), last: Int64(nanoseconds))
    }
}
