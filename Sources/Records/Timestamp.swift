/// A moment: nanoseconds since 1970-01-01T00:00:00Z, which reaches from 1677 to 2262.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    public static let nanosecondsPerSecond: Int64 = 1_000_000_000
    public static let nanosecondsPerDay: Int64 = 86_400 * nanosecondsPerSecond

    public var secondsSinceEpoch: Double { Double(nanoseconds) / 1e9 }
}

/// A date of the proleptic Gregorian calendar.
public struct CivilDate: Hashable, Sendable {
    public var year: Int
    /// 1…12.
    public var month: Int
    /// 1…31.
    public var day: Int

    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Whole days since 1970-01-01. The year is shifted to begin in March, so that the leap day comes last; 400 years
    /// then repeat exactly (146,097 days). O(1).
    public var daysSinceEpoch: Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era) * 146_097 + Int64(dayOfEra) - 719_468
    }

    /// The inverse of `daysSinceEpoch`. O(1).
    public init(daysSinceEpoch: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = Int(shifted - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
    }

    /// 28…31.
    public static func days(inMonth month: Int, ofYear year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many fractional digits as lose nothing: `2026-03-02T10:00:00.250Z` prints as
    /// `2026-03-02T10:00:00.25Z`.
    public var description: String {
        var text: [UInt8] = []
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends `description` without making a string. O(1).
    public func appendRFC3339(to output: inout [UInt8]) {
        var days = nanoseconds / Self.nanosecondsPerDay
        var rest = nanoseconds % Self.nanosecondsPerDay
        if rest < 0 {
            days -= 1
            rest += Self.nanosecondsPerDay
        }
        let date = CivilDate(daysSinceEpoch: days)
        let seconds = Int(rest / Self.nanosecondsPerSecond)
        appendDigits(date.year, width: 4, to: &output)
        output.append(UInt8(ascii: "-"))
        appendDigits(date.month, width: 2, to: &output)
        output.append(UInt8(ascii: "-"))
        appendDigits(date.day, width: 2, to: &output)
        output.append(UInt8(ascii: "T"))
        appendDigits(seconds / 3600, width: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        appendDigits(seconds / 60 % 60, width: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        appendDigits(seconds % 60, width: 2, to: &output)
        appendFraction(Int(rest % Self.nanosecondsPerSecond), to: &output)
        output.append(UInt8(ascii: "Z"))
    }
}

private func appendFraction(_ fraction: Int, to output: inout [UInt8]) {
    guard fraction != 0 else { return }
    output.append(UInt8(ascii: "."))
    var fraction = fraction
    var width = 9
    while fraction % 10 == 0 {
        fraction /= 10
        width -= 1
    }
    appendDigits(fraction, width: width, to: &output)
}

private func appendDigits(_ value: Int, width: Int, to output: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
        output.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
    }
}
