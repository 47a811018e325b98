import Bytes
import Records

/// RFC 3339 times as nanoseconds since the epoch.
enum TimeText {
    /// `2026-03-02T10:00:00Z`, with up to nine fractional digits, a blank for the `T`, or an offset such as `+02:00`.
    static func parse(_ text: borrowing RawSpan) -> Int64? {
        let count = text.byteCount
        guard count >= 20, text[4] == 45, text[7] == 45, text[10] == 84 || text[10] == 32, text[13] == 58, text[16] == 58,
            let year = digits(text, 0, 4), let month = digits(text, 5, 2), let day = digits(text, 8, 2),
            let hour = digits(text, 11, 2), let minute = digits(text, 14, 2), let second = digits(text, 17, 2),
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, ofYear: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if text[at] == UInt8(ascii: ".") {
            at += 1
            var scale: Int64 = 100_000_000
            let start = at
            while at < count, text[at] &- 48 < 10 {
                fraction += Int64(text[at] &- 48) * scale
                scale /= 10
                at += 1
            }
            guard at > start, at - start <= 9 else { return nil }
        }
        guard let offset = zone(text, at: at) else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second) - offset
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = scaled.addingReportingOverflow(fraction)
        return overflow || carried ? nil : sum
    }

    /// Seconds east of Greenwich; the zone must end the text.
    private static func zone(_ text: borrowing RawSpan, at offset: Int) -> Int64? {
        let count = text.byteCount
        guard offset < count else { return nil }
        if text[offset] == UInt8(ascii: "Z") { return offset + 1 == count ? 0 : nil }
        let sign: Int64
        switch text[offset] {
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: return nil
        }
        guard offset + 6 == count, text[offset + 3] == 58, let hours = digits(text, offset + 1, 2),
            let minutes = digits(text, offset + 4, 2), hours < 24, minutes < 60
        else { return nil }
        return sign * Int64(hours * 3_600 + minutes * 60)
    }

    private static func digits(_ text: borrowing RawSpan, _ offset: Int, _ length: Int) -> Int? {
        var value = 0
        for index in offset..<(offset + length) {
            guard text[index] &- 48 < 10 else { return nil }
            value = value * 10 + Int(text[index] &- 48)
        }
        return value
    }

    static func text(_ nanoseconds: Int64) -> ByteString {
        var bytes: [UInt8] = []
        Timestamp(nanoseconds: nanoseconds).appendRFC3339(to: &bytes)
        return ByteString(bytes)
    }
}
