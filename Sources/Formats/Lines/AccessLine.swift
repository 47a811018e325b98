import Bytes
import Records

/// A line of a web server's access log, common or combined:
/// `203.0.113.9 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://from/" "Agent/1"`.
struct AccessLine {
    var time: Int64
    /// Byte ranges within the line; empty where the log has `-`.
    var client: Range<Int>
    var identity: Range<Int>
    var user: Range<Int>
    var request: Range<Int>
    var status: Range<Int>
    var bytes: Range<Int>
    var referer: Range<Int> = 0..<0
    var agent: Range<Int> = 0..<0

    init?(_ line: RawSpan) {
        var place = 0
        guard let client = Self.word(line, &place), let identity = Self.word(line, &place),
            let bracket = firstIndex(of: .openBracket, in: line, from: place), bracket > place,
            line[bracket - 1] == UInt8(ascii: " ")
        else { return nil }
        self.client = client
        self.identity = identity
        // A user name may contain spaces.
        user = Self.present(line, place..<(bracket - 1))
        guard let close = firstIndex(of: .closeBracket, in: line, from: bracket),
            let time = Self.time(line.slice(bracket + 1, close - bracket - 1))
        else { return nil }
        self.time = time
        place = close + 1
        guard let request = Self.quoted(line, &place), let status = Self.word(line, &place), status.count == 3,
            let bytes = Self.word(line, &place)
        else { return nil }
        self.request = request
        self.status = status
        self.bytes = bytes
        if let referer = Self.quoted(line, &place) {
            self.referer = referer
            if let agent = Self.quoted(line, &place) { self.agent = agent }
        }
    }

    private static func present(_ line: RawSpan, _ range: Range<Int>) -> Range<Int> {
        range.count == 1 && line[range.lowerBound] == UInt8(ascii: "-") ? range.lowerBound..<range.lowerBound : range
    }

    private static func word(_ line: RawSpan, _ place: inout Int) -> Range<Int>? {
        while place < line.byteCount && line[place] == UInt8(ascii: " ") { place += 1 }
        let start = place
        guard start < line.byteCount, line[start] != .openBracket, line[start] != .quote else { return nil }
        let end = firstIndex(of: UInt8(ascii: " "), in: line, from: start) ?? line.byteCount
        place = min(end + 1, line.byteCount)
        return end > start ? present(line, start..<end) : nil
    }

    private static func quoted(_ line: RawSpan, _ place: inout Int) -> Range<Int>? {
        while place < line.byteCount && line[place] == UInt8(ascii: " ") { place += 1 }
        guard place < line.byteCount, line[place] == .quote else { return nil }
        let start = place + 1
        var end = start
        while end < line.byteCount && line[end] != .quote { end += line[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < line.byteCount else { return nil }
        place = end + 1
        return present(line, start..<end)
    }

    /// `10/Oct/2000:13:55:36 -0700`.
    private static func time(_ text: RawSpan) -> Int64? {
        guard text.byteCount >= 20, text[2] == UInt8(ascii: "/"), text[6] == UInt8(ascii: "/"), text[11] == .colon,
            let day = twoDigits(text, 0), let month = monthNumber(text, 3), let century = twoDigits(text, 7),
            let year = twoDigits(text, 9), let hour = twoDigits(text, 12), let minute = twoDigits(text, 15),
            let second = twoDigits(text, 18), hour < 24, minute < 60, second <= 60,
            let offset = TimestampText.offset(text, 20)
        else { return nil }
        return civilNanoseconds(
            year: Int(century * 100 + year), month: month, day: Int(day), second: hour * 3600 + minute * 60 + second
        )
        .map { $0 - offset }
    }
}

/// 1…12 for `Jan`…`Dec` at `place`.
func monthNumber(_ text: RawSpan, _ place: Int) -> Int? {
    guard place + 3 <= text.byteCount else { return nil }
    let names: [[UInt8]] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }
    let found = names.firstIndex { $0[0] == text[place] && $0[1] == text[place + 1] && $0[2] == text[place + 2] }
    return found.map { $0 + 1 }
}

/// Nanoseconds since the epoch of a second of a day, or nil for a date that there is not.
func civilNanoseconds(year: Int, month: Int, day: Int, second: Int64) -> Int64? {
    guard (1678...2261).contains(year), (1...12).contains(month), day >= 1,
        day <= CivilDate.days(inMonth: month, ofYear: year)
    else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    return days * Timestamp.nanosecondsPerDay + second * Timestamp.nanosecondsPerSecond
}
