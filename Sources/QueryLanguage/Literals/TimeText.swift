import Bytes
import Records

/// Reads RFC 3339 times, whole or cut short after the year, month, day, hour or minute.
public enum TimeText {
    /// First and last nanosecond, and whether the text goes down to seconds.
    public typealias Period = (first: Int64, last: Int64, hasSeconds: Bool)

    /// A full time with date and seconds, in nanoseconds since 1970; UTC where no zone is given. Nil if it is
    /// anything else. O(length).
    public static func timestamp(_ text: RawSpan) -> Int64? {
        guard text.byteCount >= 19, let period = period(text), period.hasSeconds else { return nil }
        return period.first
    }

    /// First and last nanosecond of what the text names: `2023Z` a year, `2023-04-25T22+05:30` an hour. UTC where no
    /// zone is given. O(length).
    public static func period(_ text: RawSpan) -> Period? {
        var reader = PartialDateReader(text)
        return reader.read()
    }
}

private struct PartialDateReader: ~Escapable {
    typealias Period = TimeText.Period

    private let text: RawSpan
    private var index = 0
    private var end: Int
    private var zoneNanoseconds: Int64 = 0

    @_lifetime(copy text)
    init(_ text: RawSpan) {
        self.text = text
        end = text.byteCount
    }

    mutating func read() -> Period? {
        guard takeZone(), let year = number(4) else { return nil }
        guard index < end else { return months(from: (year, 1), to: (year + 1, 1)) }
        guard take("-"), let month = number(2), (1...12).contains(month) else { return nil }
        guard index < end else {
            return months(from: (year, month), to: month < 12 ? (year, month + 1) : (year + 1, 1))
        }
        guard take("-"), let day = number(2), day >= 1, day <= CivilDate.days(inMonth: month, ofYear: year) else {
            return nil
        }
        let midnight = nanoseconds(ofDay: CivilDate(year: year, month: month, day: day).daysSinceEpoch)
        guard index < end else { return span(midnight, Timestamp.nanosecondsPerDay) }
        return readTime(midnight)
    }

    private mutating func readTime(_ midnight: Int64) -> Period? {
        let second = Timestamp.nanosecondsPerSecond
        guard take("T") || take("t") || take(" "), let hour = number(2), hour < 24 else { return nil }
        var first = clampedSum(midnight, Int64(hour) * 3600 * second)
        guard index < end else { return span(first, 3600 * second) }
        guard take(":"), let minute = number(2), minute < 60 else { return nil }
        first = clampedSum(first, Int64(minute) * 60 * second)
        guard index < end else { return span(first, 60 * second) }
        guard take(":"), let seconds = number(2), seconds < 61 else { return nil }
        first = clampedSum(first, Int64(seconds) * second)
        guard index < end else { return span(first, second, hasSeconds: true) }
        guard take(".") || take(","), let (fraction, unit) = fraction() else { return nil }
        return span(clampedSum(first, fraction), unit, hasSeconds: true)
    }

    /// Takes `Z`, `+hh:mm`, `-hh:mm` or `+hhmm` off the end. A `-mm` of a date is no zone: a zone has a colon, or
    /// follows a time.
    private mutating func takeZone() -> Bool {
        guard end > 0 else { return false }
        if text[end - 1] | 0x20 == UInt8(ascii: "z") {
            end -= 1
            return true
        }
        for length in [6, 5] where end > length {
            let sign = text[end - length]
            guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { continue }
            if length == 6, text[end - 3] != UInt8(ascii: ":") { continue }
            if length == 5, sign == UInt8(ascii: "-"), end - length < 13 { continue }
            guard let hours = digits(at: end - length + 1, 2), let minutes = digits(at: end - 2, 2), hours < 24,
                minutes < 60
            else { continue }
            let size = Int64(hours * 60 + minutes) * 60 * Timestamp.nanosecondsPerSecond
            zoneNanoseconds = sign == UInt8(ascii: "-") ? -size : size
            end -= length
            return true
        }
        return true
    }

    private func digits(at start: Int, _ count: Int) -> Int? {
        guard start + count <= text.byteCount else { return nil }
        var sum = 0
        for position in start..<start + count {
            guard text[position].isDigit else { return nil }
            sum = sum * 10 + Int(text[position] - 48)
        }
        return sum
    }

    private mutating func number(_ count: Int) -> Int? {
        guard index + count <= end, let value = digits(at: index, count) else { return nil }
        index += count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < end, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// Up to nine digits count; more are read and dropped. Three stand for a whole millisecond, any others for the
    /// nanosecond that they tell.
    private mutating func fraction() -> (nanoseconds: Int64, unit: Int64)? {
        guard index < end else { return nil }
        var unit = Timestamp.nanosecondsPerSecond
        var sum: Int64 = 0
        let first = index
        while index < end {
            guard text[index].isDigit else { return nil }
            if unit > 1 {
                unit /= 10
                sum += Int64(text[index] - 48) * unit
            }
            index += 1
        }
        return (sum, index - first == 3 ? unit : 1)
    }

    private func months(from: (Int, Int), to: (Int, Int)) -> Period? {
        let first = CivilDate(year: from.0, month: from.1, day: 1).daysSinceEpoch
        let next = CivilDate(year: to.0, month: to.1, day: 1).daysSinceEpoch
        return span(nanoseconds(ofDay: first), (next - first) * Timestamp.nanosecondsPerDay)
    }

    /// Years that nanoseconds cannot reach (before 1678, after 2261) stand for the ends of time: people write 9999
    /// for "ever".
    private func nanoseconds(ofDay day: Int64) -> Int64 {
        let (product, overflow) = day.multipliedReportingOverflow(by: Timestamp.nanosecondsPerDay)
        return overflow ? (day < 0 ? .min : .max) : product
    }

    private func span(_ first: Int64, _ length: Int64, hasSeconds: Bool = false) -> Period? {
        let start = clampedDifference(first, zoneNanoseconds)
        return (start, start == .min ? .min : clampedSum(start, length - 1), hasSeconds)
    }
}
