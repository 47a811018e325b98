import Bytes
import QueryLanguage
import Records

/// The header of a syslog message as fields (RFC 3164, RFC 5424). A message that ends early gives the fields before.
struct SyslogReader: Sendable {
    /// For the year that RFC 3164 leaves out: the message is of the twelve months before.
    let now: Int64
    /// Of the local time in RFC 3164 headers against UTC.
    let offsetNanoseconds: Int64

    private typealias Fields = [(name: ByteString, value: ByteString)]

    private static let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    ]
    private static let levels = ["emerg", "alert", "critical", "error", "warning", "notice", "info", "debug"]

    /// O(length).
    func fields(_ text: RawSpan) -> [(name: ByteString, value: ByteString)] {
        var fields: Fields = []
        var at = 0
        if text.byteCount > 0, text[0] == UInt8(ascii: "<") {
            guard let close = firstIndex(of: UInt8(ascii: ">"), in: text) else { return [] }
            let priority = text.slice(1, close - 1)
            fields.append(("priority", ByteString(priority)))
            guard let number = NumberParser.canonicalInteger(priority), number >= 0 else { return fields }
            appendPriority(Int(number), to: &fields)
            at = close + 1
        }
        let rest = text.slice(at, text.byteCount - at)
        if rest.byteCount >= 2, rest[0] == UInt8(ascii: "1"), rest[1] == 32 {
            appendModern(rest.slice(2, rest.byteCount - 2), to: &fields)
        } else if rest.byteCount > 0 {
            appendTraditional(rest, to: &fields)
        }
        return fields
    }

    private func appendPriority(_ priority: Int, to fields: inout [(name: ByteString, value: ByteString)]) {
        let facility = priority / 8
        fields.append(("facility_keyword", ByteString(facility < 24 ? Self.facilities[facility] : "unknown")))
        fields.append(("level", ByteString(Self.levels[priority % 8])))
        fields.append(("facility", NumberText.text(facility)))
        fields.append(("severity", NumberText.text(priority % 8)))
    }

    /// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MESSAGE`, `-` for what is missing.
    private func appendModern(_ text: RawSpan, to fields: inout [(name: ByteString, value: ByteString)]) {
        fields.append(("format", "rfc5424"))
        var at = 0
        for name in ["timestamp", "hostname", "app_name", "proc_id", "msg_id"] as [ByteString] {
            guard let end = firstIndex(of: 32, in: text, from: at) else {
                fields.append((name, ByteString(text.slice(at, text.byteCount - at))))
                return
            }
            fields.append((name, ByteString(text.slice(at, end - at))))
            at = end + 1
        }
        let rest = text.slice(at, text.byteCount - at)
        var message = 2
        if !(rest.byteCount >= 2 && rest[0] == UInt8(ascii: "-") && rest[1] == 32) {
            message = 0
            repeat {
                guard let end = SyslogStructuredData.append(rest, at: message, to: &fields) else { return }
                message = end
            } while message >= rest.byteCount || rest[message] != 32
            message += 1
        }
        fields.append(("message", ByteString(rest.slice(message, rest.byteCount - message))))
    }

    /// `MMM DD hh:mm:ss HOSTNAME APP-NAME[PROCID]: MESSAGE`.
    private func appendTraditional(_ text: RawSpan, to fields: inout [(name: ByteString, value: ByteString)]) {
        fields.append(("format", "rfc3164"))
        func rest(_ at: Int) -> ByteString { ByteString(text.slice(at, text.byteCount - at)) }
        guard text.byteCount >= 15, let time = traditionalTime(text) else {
            fields.append(("message", rest(0)))
            return
        }
        fields.append(("timestamp", NumberText.milliseconds(time)))
        guard text.byteCount > 15, text[15] == 32 else {
            if text.byteCount > 15 { fields.append(("message", rest(15))) }
            return
        }
        guard let hostEnd = firstIndex(of: 32, in: text, from: 16) else {
            fields.append(("hostname", rest(16)))
            return
        }
        fields.append(("hostname", ByteString(text.slice(16, hostEnd - 16))))
        var at = hostEnd + 1
        while at < text.byteCount, text[at] != 32, text[at] != UInt8(ascii: ":"), text[at] != UInt8(ascii: "[") {
            at += 1
        }
        fields.append(("app_name", ByteString(text.slice(hostEnd + 1, at - hostEnd - 1))))
        if at < text.byteCount, text[at] == UInt8(ascii: "[") {
            guard let close = firstIndex(of: UInt8(ascii: "]"), in: text, from: at) else { return }
            fields.append(("proc_id", ByteString(text.slice(at + 1, close - at - 1))))
            at = close + 1
        }
        if at < text.byteCount, text[at] == UInt8(ascii: ":") { at += 1 }
        if at < text.byteCount, text[at] == 32 { at += 1 }
        if at < text.byteCount { fields.append(("message", rest(at))) }
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    /// February may have its 29th in any year.
    private static let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// `MMM DD hh:mm:ss` in the latest year in which it is not after now (by more than a day).
    private func traditionalTime(_ text: RawSpan) -> Int64? {
        guard let month = Self.months.firstIndex(of: ByteString(text.slice(0, 3)).string.lowercased()), text[3] == 32,
            text[6] == 32, text[9] == 58, text[12] == 58
        else { return nil }
        func number(_ offset: Int) -> Int? {
            let tens = text[offset] == 32 ? 48 : text[offset]
            guard NumberShapes.isDigit(tens), NumberShapes.isDigit(text[offset + 1]) else { return nil }
            return Int(tens - 48) * 10 + Int(text[offset + 1] - 48)
        }
        guard let day = number(4), let hour = number(7), let minute = number(10), let second = number(13),
            (1...Self.days[month]).contains(day),
            hour < 24, minute < 60, second < 60
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

/// `[id name="value" …]` of RFC 5424.
enum SyslogStructuredData {
    /// Appends the fields, named `id.name`, of the element that begins at `start`. An element without fields is a field
    /// without a value; an `id` that is itself `name=value` is one, and the others have no prefix. Answers the place
    /// behind the element, nil if none begins here. O(length).
    static func append(
        _ text: RawSpan, at start: Int, to fields: inout [(name: ByteString, value: ByteString)]
    ) -> Int? {
        guard start < text.byteCount, text[start] == UInt8(ascii: "["), let idEnd = self.idEnd(text, from: start + 1),
            let close = self.close(text, from: idEnd)
        else { return nil }
        var id = ByteString(text.slice(start + 1, idEnd - start - 1))
        if let equals = id.bytes.firstIndex(of: UInt8(ascii: "=")) {
            fields.append((ByteString(Array(id.bytes[..<equals])), ByteString(Array(id.bytes[(equals + 1)...]))))
            id = .empty
        }
        var content: [UInt8] = []
        // `\]` is an escape of this format only.
        TextFunctions.replace(
            text.slice(idEnd, close - idEnd), Array("\\]".utf8), [UInt8(ascii: "]")], limit: 0, &content)
        let inside = LogfmtReader.fields(content.rawSpan)
        if inside.isEmpty, !id.isEmpty { fields.append((id, .empty)) }
        for (name, value) in inside {
            fields.append((id.isEmpty ? name : ByteString(id.bytes + [UInt8(ascii: ".")] + name.bytes), value))
        }
        return close + 1
    }

    private static func idEnd(_ text: RawSpan, from start: Int) -> Int? {
        var at = start
        while at < text.byteCount, text[at] != 32, text[at] != UInt8(ascii: "]") { at += 1 }
        return at < text.byteCount ? at : nil
    }

    /// The bracket that ends the element: none within quotes, and none behind a backslash.
    private static func close(_ text: RawSpan, from start: Int) -> Int? {
        var at = start
        while at < text.byteCount, text[at] != UInt8(ascii: "]") || (at > start && text[at - 1] == UInt8(ascii: "\\")) {
            if text[at] == 32 {
                at += 1
                continue
            }
            guard let equals = firstIndex(of: UInt8(ascii: "="), in: text, from: at), equals + 1 < text.byteCount else {
                return nil
            }
            at = equals + 1
            if text[at] == UInt8(ascii: "\"") {
                at += 1
                while at < text.byteCount, text[at] != UInt8(ascii: "\"") || text[at - 1] == UInt8(ascii: "\\") {
                    at += 1
                }
                guard at < text.byteCount else { return nil }
                at += 1
            } else {
                while at < text.byteCount, text[at] != 32, text[at] != UInt8(ascii: "]") { at += 1 }
            }
        }
        return at < text.byteCount ? at : nil
    }
}
