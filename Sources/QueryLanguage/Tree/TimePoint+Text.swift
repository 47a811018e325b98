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
        if let duration = DurationLiteral(String(decoding: age, as: UTF8.self)) { return .ago(duration) }
        return distance(text[...]).map { .relativeToNow(-Int64(clamping: $0.magnitude)) }
    }

    /// `now`, `now-1h`, `now-5m-1h`, `now-30` (seconds), `now+5m`.
    private static func relative(_ text: [UInt8]) -> Moment? {
        let rest = text[3...]
        guard let sign = rest.first else { return .relativeToNow(0) }
        if sign == UInt8(ascii: "+") {
            let distance = NumericText.duration(Array(rest.dropFirst()).rawSpan)
            return distance.flatMap { $0 < 0 ? nil : .relativeToNow($0) }
        }
        return distance(rest).map { .relativeToNow(-Int64(clamping: $0.magnitude)) }
    }

    /// Durations one behind the other, in nanoseconds: a minus holds for all parts behind it, units may have capitals
    /// (but for `M`), and a number alone is in seconds.
    private static func distance(_ text: ArraySlice<UInt8>) -> Int64? {
        let units: [(text: String, nanoseconds: Double)] = [
            ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9), ("d", 86_400e9), ("w", 604_800e9),
            ("y", 31_536_000e9),
        ]
        var sum = 0.0
        var isNegative = false
        var rest = text
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: "-") {
                isNegative = true
                rest = rest.dropFirst()
            }
            let digits = rest.prefix { $0.isDigit || $0 == UInt8(ascii: ".") }
            guard let number = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
            rest = rest.dropFirst(digits.count)
            let isWhole = rest.isEmpty && digits.count + (isNegative ? 1 : 0) == text.count
            let letters = String(decoding: rest.prefix(2), as: UTF8.self)
            let unit = isWhole ? nil : units.first { letters.lowercased().hasPrefix($0.text) }
            guard isWhole || (unit != nil && !letters.hasPrefix("M")) else { return nil }
            sum += (isNegative ? -number : number) * (unit?.nanoseconds ?? 1e9)
            rest = rest.dropFirst(unit?.text.utf8.count ?? 0)
        }
        return !text.isEmpty && abs(sum) < 0x1p63 ? Int64(sum) : nil
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
