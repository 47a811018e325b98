import Bytes

/// The forms of log lines that are read.
public enum LineFormat: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case json
    /// `key=value key="value with spaces"`.
    case logfmt
    /// RFC 5424, and RFC 3164 with or without its priority.
    case syslog
    /// The common and the combined log format of web servers.
    case access
    /// What container runtimes write: `TIME stdout|stderr F|P TEXT`.
    case cri
    /// Anything else: the whole line is the message; indented lines continue the one before.
    case plain
}

extension LineFormat {
    /// Lines that are looked at, at most.
    static let detectionLines = 32

    /// The form that at least three quarters of the first lines have, else `plain`. O(bytes of those lines).
    public static func detect(_ bytes: RawSpan) -> LineFormat {
        var votes: [LineFormat: Int] = [:]
        var lines = 0
        var start = 0
        while start < bytes.byteCount && lines < detectionLines {
            let end = firstIndex(of: .lineFeed, in: bytes, from: start) ?? bytes.byteCount
            let line = withoutReturn(bytes.slice(start, end - start))
            if !isBlankLine(line) {
                lines += 1
                if let format = guess(line) { votes[format, default: 0] += 1 }
            }
            start = end + 1
        }
        for format in LineFormat.allCases where (votes[format] ?? 0) * 4 >= lines * 3 && lines > 0 { return format }
        return .plain
    }

    /// The form of one line, which is not blank. O(bytes).
    public static func of(_ line: RawSpan) -> LineFormat { guess(withoutReturn(line)) ?? .plain }

    private static func guess(_ marked: RawSpan) -> LineFormat? {
        let line = startsWithByteOrderMark(marked) ? marked.slice(3, marked.byteCount - 3) : marked
        var first = 0
        while first < line.byteCount && isJSONBlank(line[first]) { first += 1 }
        guard first < line.byteCount else { return nil }
        if line[first] == .openBrace { return .json }
        if CRILine(line) != nil { return .cri }
        if AccessLine(line) != nil { return .access }
        if SyslogLine.looksLikeOne(line) { return .syslog }
        return LogfmtReader.looksLikeOne(line) ? .logfmt : nil
    }
}

/// The line without the carriage return of a CRLF.
@_lifetime(copy line)
func withoutReturn(_ line: RawSpan) -> RawSpan {
    let count = line.byteCount
    return count > 0 && line[count - 1] == 0x0D ? line.slice(0, count - 1) : line
}
