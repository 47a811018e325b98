import Bytes

/// `_time:…`.
extension Parser {
    /// What follows `_time:`; also a window of the `compare` pipe.
    mutating func parseTime() throws(QueryError) -> TimeFilter {
        let hasEqualsSign = try takeSymbol("=")
        let form = try parseTimeForm()
        if form == .untilNow || isKeyword("offset") {
            try lexer.advance()
            return TimeFilter(form, offset: try requireDuration(), hasEqualsSign: hasEqualsSign)
        }
        return TimeFilter(form, hasEqualsSign: hasEqualsSign)
    }

    private mutating func parseTimeForm() throws(QueryError) -> TimeFilter.Form {
        if isSymbol("[") || isSymbol("(") { return try parseInterval() }
        if let comparator = try takeComparator() { return .compare(comparator, try requireTimePoint()) }
        if isKeyword("offset") { return .untilNow }
        let next = lexer.byteAhead
        if next == UInt8(ascii: "[") || next == UInt8(ascii: "(") {
            if try takeKeyword("day_range") { return .dayRange(try parseDayRange()) }
            if try takeKeyword("week_range") { return .weekRange(try parseWeekRange()) }
        }
        let start = lexer.token.start
        let text = try requireLiteral("a time, a duration or a range")
        if let duration = DurationLiteral(text) { return .last(duration) }
        // A number that is no year is no moment here: it is more likely a duration without its unit.
        guard let point = TimePoint(text), text.hasPrefix("now") || Self.startsWithYear(text) else {
            throw unknownTime(at: start)
        }
        return .period(point)
    }

    private static func startsWithYear(_ text: String) -> Bool {
        let rest = text.utf8.dropFirst(4).first
        return text.utf8.count >= 4 && text.utf8.prefix(4).allSatisfy(\.isDigit)
            && (rest == nil || "-+Zz".utf8.contains(rest ?? 0))
    }

    private func unknownTime(at start: Int) -> QueryError {
        fail(
            "this is neither a time nor a duration", at: start,
            expected: ["5m", "2024-05-01Z", "2024-05-01T10:20:30Z", "now-1h", "[min, max)", "day_range[08:00, 18:00)"])
    }

    private mutating func requireTimePoint() throws(QueryError) -> TimePoint {
        let start = lexer.token.start
        guard let point = TimePoint(try requireLiteral("a time")) else { throw unknownTime(at: start) }
        return point
    }

    private mutating func parseInterval() throws(QueryError) -> TimeFilter.Form {
        let includesLower = try takeOpening()
        let lower = try requireTimePoint()
        try require(",")
        let upper = try requireTimePoint()
        let includesUpper = try takeClosing()
        return .between(lower, includesLower: includesLower, upper, includesUpper: includesUpper)
    }

    /// `[` (true) or `(`.
    mutating func takeOpening() throws(QueryError) -> Bool {
        if try takeSymbol("[") { return true }
        guard try takeSymbol("(") else { throw unexpected(["`[`", "`(`"]) }
        return false
    }

    /// `]` (true) or `)`.
    mutating func takeClosing() throws(QueryError) -> Bool {
        if try takeSymbol("]") { return true }
        guard try takeSymbol(")") else { throw unexpected(["`]`", "`)`"]) }
        return false
    }

    private mutating func parseDayRange() throws(QueryError) -> DayRange {
        let includesLower = try takeOpening()
        let lower = try requireMinute()
        try require(",")
        let upper = try requireMinute()
        let includesUpper = try takeClosing()
        return DayRange(
            lowerMinute: lower, includesLower: includesLower, upperMinute: upper, includesUpper: includesUpper)
    }

    /// `hh:mm` as minutes since midnight; `24:00` is the end of the day.
    private mutating func requireMinute() throws(QueryError) -> Int {
        let start = lexer.token.start
        let text = Array(try requireLiteral("a time of day").utf8)
        guard text.count == 5, text[2] == UInt8(ascii: ":"), text.filter(\.isDigit).count == 4,
            let hour = Int(String(decoding: text[..<2], as: UTF8.self)),
            let minute = Int(String(decoding: text[3...], as: UTF8.self)),
            (0..<60).contains(minute), (0...1440).contains(hour * 60 + minute)
        else { throw fail("this is no time of day", at: start, expected: ["08:00", "23:59"]) }
        return hour * 60 + minute
    }

    private mutating func parseWeekRange() throws(QueryError) -> WeekRange {
        let includesLower = try takeOpening()
        let lower = try requireWeekday()
        try require(",")
        let upper = try requireWeekday()
        let includesUpper = try takeClosing()
        return WeekRange(
            lowerDay: lower.day, includesLower: includesLower, upperDay: upper.day, includesUpper: includesUpper,
            lowerText: lower.text, upperText: upper.text)
    }

    private mutating func requireWeekday() throws(QueryError) -> (day: Int, text: String) {
        let days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        let start = lexer.token.start
        let text = try requireLiteral("a day of the week")
        let word = text.lowercased()
        guard let day = days.firstIndex(where: { $0 == word || $0.prefix(3) == word }) else {
            throw fail(
                "this is no day of the week", at: start, expected: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
                suggestion: NearestName.suggestion(for: word, among: days))
        }
        return (day, text)
    }
}
