import Bytes

/// The keywords of RFC 5424, tables 1 and 2.
enum SyslogNames {
    /// By number, 0…23.
    static let facilities: [ByteString] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    ]
    /// By number, 0…7.
    static let severities: [ByteString] = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"]
}

/// The structured data of RFC 5424: `[id name="value" …][…]`.
enum SyslogData {
    /// Calls `body` with each `id.name` and its value, escapes resolved. Stops at text that has another form.
    /// O(length).
    static func forEach(_ text: RawSpan, _ body: ([UInt8], [UInt8]) -> Void) {
        var place = 0
        while place < text.byteCount && text[place] == .openBracket {
            let start = place + 1
            place = start
            while place < text.byteCount && text[place] != 0x20 && text[place] != .closeBracket { place += 1 }
            let id = ByteString(text.slice(start, place - start)).bytes
            while let (name, value) = parameter(text, &place) { body(id + [UInt8(ascii: ".")] + name, value) }
            guard place < text.byteCount, text[place] == .closeBracket else { return }
            place += 1
        }
    }

    private static func parameter(_ text: RawSpan, _ place: inout Int) -> ([UInt8], [UInt8])? {
        while place < text.byteCount && text[place] == 0x20 { place += 1 }
        guard let equals = firstIndex(of: UInt8(ascii: "="), in: text, from: min(place, text.byteCount)),
            place < text.byteCount, text[place] != .closeBracket, equals + 1 < text.byteCount,
            text[equals + 1] == .quote
        else { return nil }
        let name = ByteString(text.slice(place, equals - place)).bytes
        var value: [UInt8] = []
        place = equals + 2
        while place < text.byteCount && text[place] != .quote {
            // Only `"`, `\` and `]` may be escaped; another backslash stands for itself.
            if text[place] == UInt8(ascii: "\\"), place + 1 < text.byteCount,
                [.quote, UInt8(ascii: "\\"), .closeBracket].contains(text[place + 1])
            {
                place += 1
            }
            value.append(text[place])
            place += 1
        }
        guard place < text.byteCount else { return nil }
        place += 1
        return (name, value)
    }
}
