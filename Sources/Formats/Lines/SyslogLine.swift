import Bytes
import Records

/// A syslog line: RFC 5424, or RFC 3164 as it is found in the wild (priority, host and process optional; the time
/// also in RFC 3339, as rsyslog's files have it).
struct SyslogLine {
    /// 0…191, or nil.
    var priority: Int?
    var isRFC5424 = false
    var time: Int64?
    /// Byte ranges within the line; empty where there is none.
    var host: Range<Int> = 0..<0
    var app: Range<Int> = 0..<0
    var process: Range<Int> = 0..<0
    var messageID: Range<Int> = 0..<0
    var structured: Range<Int> = 0..<0
    var message: Range<Int> = 0..<0

    /// `arrival` tells the year that RFC 3164 leaves out: the one that brings the time nearest before arrival plus a
    /// day.
    init?(_ line: RawSpan, arrival: Int64, clock: inout TimestampText) {
        var place = 0
        guard readPriority(line, &place) else { return nil }
        if priority != nil, place + 1 < line.byteCount, line[place] == UInt8(ascii: "1"), line[place + 1] == 0x20 {
            place += 2
            guard readModern(line, place, &clock) else { return nil }
        } else {
            guard readClassic(line, place, arrival, &clock) else { return nil }
        }
    }

    static func looksLikeOne(_ line: RawSpan) -> Bool {
        var clock = TimestampText()
        guard let read = SyslogLine(line, arrival: 0, clock: &clock) else { return false }
        return read.priority != nil || (read.time != nil && !read.app.isEmpty)
    }

    private mutating func readPriority(_ line: RawSpan, _ place: inout Int) -> Bool {
        guard line.byteCount > 2, line[0] == UInt8(ascii: "<") else { return true }
        guard let end = firstIndex(of: UInt8(ascii: ">"), in: line), (2...4).contains(end) else { return false }
        var value = 0
        for digit in 1..<end {
            let number = Int(line[digit]) - 48
            guard (0...9).contains(number) else { return false }
            value = value * 10 + number
        }
        guard value <= 191 else { return false }
        priority = value
        place = end + 1
        return true
    }

    // MARK: RFC 5424

    private mutating func readModern(_ line: RawSpan, _ start: Int, _ clock: inout TimestampText) -> Bool {
        isRFC5424 = true
        var place = start
        guard let stamp = Self.word(line, &place), let host = Self.word(line, &place),
            let app = Self.word(line, &place),
            let process = Self.word(line, &place), let messageID = Self.word(line, &place)
        else { return false }
        if !stamp.isEmpty {
            guard let time = clock.parse(line.slice(stamp.lowerBound, stamp.count)) else { return false }
            self.time = time
        }
        self.host = host
        self.app = app
        self.process = process
        self.messageID = messageID
        guard let end = Self.structuredEnd(line, place) else { return false }
        if line[place] != UInt8(ascii: "-") { structured = place..<end }
        var first = min(end + 1, line.byteCount)
        // A byte order mark says that the message is UTF-8.
        if first + 3 <= line.byteCount, line[first] == 0xEF, line[first + 1] == 0xBB, line[first + 2] == 0xBF {
            first += 3
        }
        message = first..<line.byteCount
        return true
    }

    private static func word(_ line: RawSpan, _ place: inout Int) -> Range<Int>? {
        guard place < line.byteCount, let end = firstIndex(of: 0x20, in: line, from: place), end > place else {
            return nil
        }
        let range = place..<end
        place = end + 1
        return range.count == 1 && line[range.lowerBound] == UInt8(ascii: "-") ? end..<end : range
    }

    private static func structuredEnd(_ line: RawSpan, _ start: Int) -> Int? {
        guard start < line.byteCount else { return nil }
        if line[start] == UInt8(ascii: "-") {
            return start + 1 == line.byteCount || line[start + 1] == 0x20 ? start + 1 : nil
        }
        var place = start
        while place < line.byteCount && line[place] == .openBracket {
            var isQuoted = false
            while place < line.byteCount && (isQuoted || line[place] != .closeBracket) {
                if line[place] == UInt8(ascii: "\\") { place += 1 } else if line[place] == .quote { isQuoted.toggle() }
                place += 1
            }
            guard place < line.byteCount else { return nil }
            place += 1
        }
        return place > start ? place : nil
    }

    // MARK: RFC 3164

    private mutating func readClassic(_ line: RawSpan, _ start: Int, _ arrival: Int64, _ clock: inout TimestampText)
        -> Bool
    {
        var place = start
        if let time = Self.classicTime(line, place, arrival) {
            self.time = time
            place += 15
        } else if let end = firstIndex(of: 0x20, in: line, from: place), end - place >= 19, end - place <= 40,
            let time = clock.parse(line.slice(place, end - place))
        {
            self.time = time
            place = end
        } else {
            // Without a time only the priority makes it syslog.
            guard priority != nil else { return false }
            message = place..<line.byteCount
            return true
        }
        while place < line.byteCount && line[place] == 0x20 { place += 1 }
        readTag(line, place)
        return true
    }

    /// `host app[pid]: text`, `host app: text`, or `app[pid]: text`.
    private mutating func readTag(_ line: RawSpan, _ start: Int) {
        message = start..<line.byteCount
        guard let firstEnd = firstIndex(of: 0x20, in: line, from: start) else { return }
        var tagStart = start
        var tagEnd = firstEnd
        if line[firstEnd - 1] != .colon {
            host = start..<firstEnd
            message = (firstEnd + 1)..<line.byteCount
            tagStart = firstEnd + 1
            guard let end = firstIndex(of: .colon, in: line, from: tagStart) else { return }
            tagEnd = end + 1
        }
        guard tagEnd - 1 > tagStart, tagEnd - tagStart <= 64 else { return }
        for place in tagStart..<(tagEnd - 1) where line[place] == 0x20 && line[tagEnd - 2] != .closeBracket { return }
        var nameEnd = tagEnd - 1
        if line[nameEnd - 1] == .closeBracket, let bracket = firstIndex(of: .openBracket, in: line, from: tagStart),
            bracket < nameEnd
        {
            process = (bracket + 1)..<(nameEnd - 1)
            nameEnd = bracket
        }
        app = tagStart..<nameEnd
        message =
            min(tagEnd + (tagEnd < line.byteCount && line[tagEnd] == 0x20 ? 1 : 0), line.byteCount)..<line.byteCount
    }

    /// `Oct 11 22:14:15`, in UTC.
    private static func classicTime(_ line: RawSpan, _ start: Int, _ arrival: Int64) -> Int64? {
        guard line.byteCount - start >= 15, let month = monthNumber(line, start), line[start + 3] == 0x20,
            line[start + 6] == 0x20, line[start + 9] == .colon, line[start + 12] == .colon,
            let hour = twoDigits(line, start + 7), let minute = twoDigits(line, start + 10),
            let second = twoDigits(line, start + 13), hour < 24, minute < 60, second <= 60
        else { return nil }
        let tens = line[start + 4] == 0x20 ? 0 : Int(line[start + 4]) - 48
        let day = tens * 10 + Int(line[start + 5]) - 48
        let year = CivilDate(daysSinceEpoch: (arrival / Timestamp.nanosecondsPerDay) + 1).year
        let seconds = hour * 3600 + minute * 60 + second
        for candidate in [year, year - 1] {
            guard let time = civilNanoseconds(year: candidate, month: month, day: day, second: seconds) else {
                continue
            }
            if time <= arrival + Timestamp.nanosecondsPerDay { return time }
        }
        // The 29th of February of an earlier leap year.
        for candidate in [year - 2, year - 3, year - 4] {
            if let time = civilNanoseconds(year: candidate, month: month, day: day, second: seconds) { return time }
        }
        return nil
    }
}
