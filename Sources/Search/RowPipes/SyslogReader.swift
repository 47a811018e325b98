import Bytes
import Records

/// The header of a syslog message as fields (RFC 3164, RFC 5424).
struct SyslogReader: Sendable {
    /// For the year that RFC 3164 leaves out: the message is of the twelve months before.
    let now: Int64
    /// Of the local time in RFC 3164 headers against UTC.
    let offsetNanoseconds: Int64

    private typealias Fields = [(name: ByteString, value: ByteString)]

    private static let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "security",
        "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ]
    private static let levels = ["emerg", "alert", "critical", "error", "warning", "notice", "info", "debug"]

    func fields(_ text: RawSpan) -> [(name: ByteString, value: ByteString)] {
        var fields: Fields = []
        var at = 0
        if text.byteCount > 2, text[0] == UInt8(ascii: "<"), let close = firstIndex(of: UInt8(ascii: ">"), in: text),
            let priority = NumberParser.canonicalInteger(text.slice(1, close - 1)), (0...1023).contains(priority)
        {
            appendPriority(Int(priority), to: &fields)
            at = close + 1
        }
        let rest = text.slice(at, text.byteCount - at)
        if rest.byteCount >= 2, rest[0] == UInt8(ascii: "1"), rest[1] == 32 {
            appendModern(rest.slice(2, rest.byteCount - 2), to: &fields)
        } else {
            appendTraditional(rest, to: &fields)
        }
        return fields
    }

    private func appendPriority(_ priority: Int, to fields: inout [(name: ByteString, value: ByteString)]) {
        let facility = priority / 8
        fields.append(("level", ByteString(Self.levels[priority % 8])))
        fields.append(("priority", NumberText.text(priority)))
        fields.append(("facility_keyword", ByteString(facility < 24 ? Self.facilities[facility] : "unknown")))
        fields.append(("facility", NumberText.text(facility)))
        fields.append(("severity", NumberText.text(priority % 8)))
    }

    /// The word at `at` up to the next blank, and the place behind it.
    private func word(_ text: RawSpan, at: Int) -> (ByteString, next: Int) {
        let end = at <= text.byteCount ? firstIndex(of: 32, in: text, from: at) ?? text.byteCount : text.byteCount
        guard at < end else { return (.empty, min(end + 1, text.byteCount)) }
        return (ByteString(text.slice(at, end - at)), min(end + 1, text.byteCount))
    }

    /// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [STRUCTURED-DATA] MESSAGE`, `-` for what is missing.
    private func appendModern(_ text: RawSpan, to fields: inout [(name: ByteString, value: ByteString)]) {
        fields.append(("format", "rfc5424"))
        var at = 0
        for name in ["timestamp", "hostname", "app_name", "proc_id", "msg_id"] as [ByteString] {
            let (value, next) = word(text, at: at)
            fields.append((name, value))
            at = next
        }
        if at < text.byteCount, text[at] == UInt8(ascii: "-") {
            at += 1
        } else {
            while at < text.byteCount, text[at] == UInt8(ascii: "["),
                let end = appendStructured(text, at: at, to: &fields)
            { at = end }
        }
        if at < text.byteCount, text[at] == 32 { at += 1 }
        fields.append(("message", ByteString(text.slice(at, text.byteCount - at))))
    }

    /// `[id name="value" …]`; `\"`, `\\` and `\]` are escapes. Answers the place behind it.
    private func appendStructured(
        _ text: RawSpan, at start: Int, to fields: inout [(name: ByteString, value: ByteString)]
    ) -> Int? {
        var at = start + 1
        let idStart = at
        while at < text.byteCount, text[at] != 32, text[at] != UInt8(ascii: "]") { at += 1 }
        let id = text.slice(idStart, at - idStart)
        while at < text.byteCount {
            if text[at] == UInt8(ascii: "]") { return at + 1 }
            at += 1
            let nameStart = at
            guard let equals = firstIndex(of: UInt8(ascii: "="), in: text, from: min(at, text.byteCount)),
                equals + 1 < text.byteCount, text[equals + 1] == UInt8(ascii: "\"")
            else { return nil }
            var value: [UInt8] = []
            at = equals + 2
            while at < text.byteCount, text[at] != UInt8(ascii: "\"") {
                if text[at] == UInt8(ascii: "\\"), at + 1 < text.byteCount { at += 1 }
                value.append(text[at])
                at += 1
            }
            guard at < text.byteCount else { return nil }
            at += 1
            let name =
                ByteString(id).bytes + [UInt8(ascii: ".")] + ByteString(text.slice(nameStart, equals - nameStart)).bytes
            fields.append((ByteString(name), ByteString(value)))
        }
        return nil
    }

    /// `MMM DD hh:mm:ss HOSTNAME APP-NAME[PROCID]: MESSAGE`.
    private func appendTraditional(_ text: RawSpan, to fields: inout [(name: ByteString, value: ByteString)]) {
        fields.append(("format", "rfc3164"))
        guard text.byteCount >= 15, let time = traditionalTime(text) else {
            fields.append(("message", ByteString(text)))
            return
        }
        fields.append(("timestamp", NumberText.milliseconds(time)))
        let (host, next) = word(text, at: min(16, text.byteCount))
        fields.append(("hostname", host))
        let tagEnd = { () -> Int? in
            var at = next
            while at < text.byteCount, text[at] != 32, text[at] != UInt8(ascii: ":"), text[at] != UInt8(ascii: "[") {
                at += 1
            }
            return at < text.byteCount && text[at] != 32 ? at : nil
        }()
        var at = next
        if let tagEnd {
            fields.append(("app_name", ByteString(text.slice(next, tagEnd - next))))
            at = tagEnd
            if text[at] == UInt8(ascii: "["), let close = firstIndex(of: UInt8(ascii: "]"), in: text, from: at) {
                fields.append(("proc_id", ByteString(text.slice(at + 1, close - at - 1))))
                at = close + 1
            }
            if at < text.byteCount, text[at] == UInt8(ascii: ":") { at += 1 }
            if at < text.byteCount, text[at] == 32 { at += 1 }
        }
        fields.append(("message", ByteString(text.slice(at, text.byteCount - at))))
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `MMM DD hh:mm:ss` in the latest year in which it is not after now (by more than a day).
    private func traditionalTime(_ text: RawSpan) -> Int64? {
        guard let month = Self.months.firstIndex(of: ByteString(text.slice(0, 3)).string), text[3] == 32, text[6] == 32,
            text[9] == 58, text[12] == 58
        else { return nil }
        func number(_ offset: Int) -> Int? {
            let tens = text[offset] == 32 ? 48 : text[offset]
            guard NumberShapes.isDigit(tens), NumberShapes.isDigit(text[offset + 1]) else { return nil }
            return Int(tens - 48) * 10 + Int(text[offset + 1] - 48)
        }
        guard let day = number(4), let hour = number(7), let minute = number(10), let second = number(13),
            (1...31).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let today = CivilDate(daysSinceEpoch: now / Timestamp.nanosecondsPerDay)
        func time(_ year: Int) -> Int64 {
            let days = CivilDate(year: year, month: month + 1, day: day).daysSinceEpoch
            return (days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)) * 1_000_000_000 - offsetNanoseconds
        }
        let thisYear = time(today.year)
        return thisYear > now + Timestamp.nanosecondsPerDay ? time(today.year - 1) : thisYear
    }
}
