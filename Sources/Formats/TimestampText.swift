import Bytes
import Records

/// Reads times as log lines spell them. It remembers the last date, since neighbouring lines share it.
///
/// Understood: RFC 3339 with any offset, `T`, `t` or a space between, a comma or a point before up to nine fraction
/// digits (more are cut), no offset meaning UTC, and seconds left out; a date alone; and Unix times, whole or with a
/// fraction, in seconds, ms, µs or ns.
public struct TimestampText: Sendable {
    private var lastDate: UInt64 = 0
    private var lastDateTail: UInt16 = 0
    private var lastDayStart: Int64 = 0

    public init() {}

    /// Nanoseconds since the epoch, or nil if the bytes are no time between 1678 and 2262. O(length).
    public mutating func parse(_ text: RawSpan) -> Int64? {
        if text.byteCount >= 10 && text[4] == UInt8(ascii: "-") && text[7] == UInt8(ascii: "-") {
            return parseDateTime(text)
        }
        return Self.parseUnix(text)
    }

    mutating func parseDateTime(_ text: RawSpan) -> Int64? {
        if let time = usualTime(text) { return time }
        guard let dayStart = dayStart(text) else { return nil }
        let count = text.byteCount
        if count == 10 { return dayStart }
        guard count >= 16, (text[10] | 0x20) == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
            let hour = twoDigits(text, 11), hour < 24, text[13] == UInt8(ascii: ":"),
            let minute = twoDigits(text, 14), minute < 60
        else { return nil }
        var nanoseconds = (hour * 3600 + minute * 60) * Timestamp.nanosecondsPerSecond
        var place = 16
        if place < count && text[place] == UInt8(ascii: ":") {
            // A leap second is written 60; it counts as the first second of the next minute.
            guard count >= 19, let second = twoDigits(text, 17), second <= 60 else { return nil }
            nanoseconds += second * Timestamp.nanosecondsPerSecond
            place = 19
            if place < count && (text[place] == UInt8(ascii: ".") || text[place] == UInt8(ascii: ",")) {
                guard let fraction = Self.fraction(text, &place) else { return nil }
                nanoseconds += fraction
            }
        }
        guard let offset = Self.offset(text, place) else { return nil }
        let (sum, overflow) = dayStart.addingReportingOverflow(nanoseconds - offset)
        return overflow ? nil : sum
    }

    /// `2006-01-02T15:04:05.123456789Z` of the date that was read last, with one to nine digits behind the point; nil
    /// for anything else. Eight digits a step.
    @inline(__always)
    private func usualTime(_ text: RawSpan) -> Int64? {
        let count = text.byteCount
        let digits = count - 21
        guard digits >= 1 && digits <= 9, text[count - 1] == UInt8(ascii: "Z"), text[19] == UInt8(ascii: "."),
            text[10] == UInt8(ascii: "T"), text.loadUInt64(at: 0) == lastDate, text.loadUInt16(at: 8) == lastDateTail
        else { return nil }
        // The digits' values, the first in the lowest byte; the colons become zeros.
        let clock = text.loadUInt64(at: 11) ^ 0x3030_3A30_303A_3030
        // Of fewer than eight digits, those that end the eight bytes before the letter; zeros follow them.
        var fraction =
            digits >= 8
            ? text.loadUInt64(at: 20) ^ Self.zeros
            : (text.loadUInt64(at: count - 9) ^ Self.zeros) >> UInt64(64 - 8 * digits)
        let last = digits == 9 ? text[28] &- UInt8(ascii: "0") : 0
        guard Self.areDigits(clock) && clock & 0x0000_FF00_00FF_0000 == 0 && Self.areDigits(fraction) && last < 10
        else { return nil }
        let hour = (clock & 0xFF) * 10 + (clock >> 8 & 0xFF)
        let minute = (clock >> 24 & 0xFF) * 10 + (clock >> 32 & 0xFF)
        let second = (clock >> 48 & 0xFF) * 10 + (clock >> 56)
        guard hour < 24 && minute < 60 && second < 60 else { return nil }
        // Pairs, then fours, then all eight.
        fraction = fraction &* 10 &+ fraction >> 8
        fraction =
            ((fraction & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
                &+ (fraction >> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001) >> 32
        let nanoseconds = (hour * 3600 + minute * 60 + second) * 1_000_000_000 + fraction * 10 + UInt64(last)
        return lastDayStart + Int64(nanoseconds)
    }

    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// Whether every byte is below 10.
    @inline(__always)
    private static func areDigits(_ values: UInt64) -> Bool {
        (values | (values &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0
    }

    /// Nanoseconds at the start of the day whose date stands in the first ten bytes.
    private mutating func dayStart(_ text: RawSpan) -> Int64? {
        let date = text.loadUInt64(at: 0)
        let tail = text.loadUInt16(at: 8)
        if date == lastDate && tail == lastDateTail { return lastDayStart }
        guard let century = twoDigits(text, 0), let yearOfCentury = twoDigits(text, 2),
            let month = twoDigits(text, 5), let day = twoDigits(text, 8)
        else { return nil }
        let year = Int(century * 100 + yearOfCentury)
        guard (1678...2261).contains(year), (1...12).contains(month),
            day >= 1, Int(day) <= CivilDate.days(inMonth: Int(month), ofYear: year)
        else { return nil }
        let days = CivilDate(year: year, month: Int(month), day: Int(day)).daysSinceEpoch
        lastDate = date
        lastDateTail = tail
        lastDayStart = days * Timestamp.nanosecondsPerDay
        return lastDayStart
    }

    /// Reads `.123` or `,123` at `place` as nanoseconds and moves behind it.
    static func fraction(_ text: RawSpan, _ place: inout Int) -> Int64? {
        place += 1
        let start = place
        var value: Int64 = 0
        while place < text.byteCount {
            let digit = text[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if place - start < 9 { value = value * 10 + Int64(digit) }
            place += 1
        }
        let digits = place - start
        guard digits > 0 else { return nil }
        if digits < 9 { value *= Self.powersOfTen[9 - digits] }
        return value
    }

    /// Reads the rest as an offset from UTC in nanoseconds: nothing, `Z`, `+hh`, `+hhmm` or `+hh:mm`, a space before
    /// allowed.
    static func offset(_ text: RawSpan, _ start: Int) -> Int64? {
        var place = start
        let count = text.byteCount
        if place == count { return 0 }
        if place + 1 == count && (text[place] | 0x20) == UInt8(ascii: "z") { return 0 }
        if text[place] == UInt8(ascii: " ") { place += 1 }
        if count - place == 3 && text[place] == UInt8(ascii: "U") && text.loadUInt16(at: place + 1) == 0x4354 {
            return 0
        }
        guard count - place >= 3, text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-"),
            let hours = twoDigits(text, place + 1), hours < 24
        else { return nil }
        let sign: Int64 = text[place] == UInt8(ascii: "-") ? -1 : 1
        place += 3
        var minutes: Int64 = 0
        if place < count {
            if text[place] == UInt8(ascii: ":") { place += 1 }
            guard count - place == 2, let value = twoDigits(text, place), value < 60 else { return nil }
            minutes = value
        }
        return sign * (hours * 3600 + minutes * 60) * Timestamp.nanosecondsPerSecond
    }

    static let powersOfTen: [Int64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    ]
}

extension TimestampText {
    /// A Unix time, its unit told by its magnitude as VictoriaLogs does: below 2³¹ seconds, below 2³¹·10³ ms, below
    /// 2³¹·10⁶ µs, else ns. A fraction is of that unit. O(length).
    static func parseUnix(_ text: RawSpan) -> Int64? {
        var place = 0
        let count = text.byteCount
        guard count > 0 else { return nil }
        let isNegative = text[0] == UInt8(ascii: "-")
        if isNegative { place = 1 }
        let start = place
        var whole: Int64 = 0
        while place < count {
            let digit = text[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            guard place - start < 19 else { return nil }
            whole = whole &* 10 &+ Int64(digit)
            place += 1
        }
        guard place > start, whole >= 0 else { return nil }
        var fraction: Int64 = 0
        if place < count && text[place] == UInt8(ascii: ".") {
            guard let value = Self.fraction(text, &place) else { return nil }
            fraction = value
        }
        if place < count {
            guard (text[place] | 0x20) == UInt8(ascii: "e") else { return nil }
            return parseExponent(text)
        }
        return scaled(whole, fraction, isNegative)
    }

    private static func scaled(_ whole: Int64, _ fraction: Int64, _ isNegative: Bool) -> Int64? {
        let edge: Int64 = 1 << 31
        let unit: Int64 =
            whole < edge ? 1_000_000_000 : whole < edge * 1_000 ? 1_000_000 : whole < edge * 1_000_000 ? 1_000 : 1
        // The fraction is in billionths of the unit; what falls below a nanosecond is cut.
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (sum, carry) = product.addingReportingOverflow(fraction / (1_000_000_000 / unit))
        if overflow || carry { return nil }
        return isNegative ? -sum : sum
    }

    /// `1.7e9`, as some JSON writers print doubles. Exact to a microsecond or so, as a double is.
    private static func parseExponent(_ text: RawSpan) -> Int64? {
        guard text.byteCount <= 32, let value = Double(ByteString(text).string), value.isFinite, abs(value) < 9e18
        else {
            return nil
        }
        let whole = value.rounded(.towardZero)
        return scaled(Int64(abs(whole)), Int64(abs(value - whole) * 1e9), value < 0)
    }
}

@inline(__always)
func twoDigits(_ text: RawSpan, _ place: Int) -> Int64? {
    let tens = text[place] &- UInt8(ascii: "0")
    let ones = text[place + 1] &- UInt8(ascii: "0")
    guard tens < 10 && ones < 10 else { return nil }
    return Int64(tens) * 10 + Int64(ones)
}
