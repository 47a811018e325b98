import Bytes
import Formats
import Records
import TestSupport
import Testing

@Suite struct LineFormatTests {
    @Test func readsLogfmt() {
        let parsed = parseLines(
            "ts=2026-03-02T10:00:00Z level=info msg=\"a \\\"b\\\" c\" n=5 empty= flag\nlevel=warn msg=x k.v=1\n")
        #expect(parsed.format == .plain)
        let told = parseLines(
            """
            ts=2026-03-02T10:00:00Z level=info msg="a \\"b\\" c" n=5 empty= flag
            level=warn msg=x k.v=1
            no pairs "here

            """, format: .logfmt)
        #expect(
            told.rows == [
                ["_time": "1772445600000000000", "level": "info", "_msg": "a \"b\" c", "n": "5", "flag": "true"],
                ["_time": "7", "level": "warn", "_msg": "x", "k.v": "1"],
                ["_time": "7", "_msg": "no pairs \"here"],
            ])
        #expect(parseLines("a=1 b=2\nc=\"x y\" d=4\n").format == .logfmt)
    }

    @Test func readsSyslog() {
        let text = """
            <34>Oct 11 22:14:15 mymachine su[77]: 'su root' failed
            <165>1 2026-03-02T10:00:00.003Z host app 8710 ID47 [ex@1 a="x\\"y" b="]"][z q="1"] An event
            <34>1 - - - - - - only text
            """
        let arrival: Int64 = 1_772_445_600_000_000_000
        let parsed = parseLines(text, arrival: arrival)
        #expect(parsed.format == .syslog)
        #expect(
            parsed.rows[0] == [
                "_time": "1760220855000000000", "priority": "34", "facility": "4", "facility_keyword": "auth",
                "severity": "2",
                "level": "crit", "format": "rfc3164", "hostname": "mymachine", "app_name": "su", "proc_id": "77",
                "_msg": "'su root' failed",
            ])
        #expect(
            parsed.rows[1] == [
                "_time": "1772445600003000000", "priority": "165", "facility": "20", "facility_keyword": "local4",
                "severity": "5", "level": "notice", "format": "rfc5424", "hostname": "host", "app_name": "app",
                "proc_id": "8710", "msg_id": "ID47", "ex@1.a": "x\"y", "ex@1.b": "]", "z.q": "1", "_msg": "An event",
            ])
        #expect(parsed.rows[2]["_msg"] == "only text")
        #expect(parsed.rows[2]["_time"] == String(arrival))
        let file = parseLines(
            "Mar  2 09:00:00 combo sshd(pam_unix)[19939]: authentication failure; uid=0\n", arrival: arrival)
        #expect(file.rows[0]["app_name"] == "sshd(pam_unix)")
        #expect(file.rows[0]["proc_id"] == "19939")
        #expect(file.rows[0]["_msg"] == "authentication failure; uid=0")
    }

    @Test func readsAccessLogs() {
        let text = """
            203.0.113.9 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=1 HTTP/1.0" 200 2326 "http://from/" \
            "Agent/1 (x; \\"y\\")"
            ::1 - - [10/Oct/2000:13:55:37 +0000] "-" 408 -
            """
        let parsed = parseLines(text)
        #expect(parsed.format == .access)
        #expect(
            parsed.rows == [
                [
                    "_time": "971211336000000000", "client_ip": "203.0.113.9", "user": "frank",
                    "_msg": "GET /a?b=1 HTTP/1.0",
                    "method": "GET", "path": "/a?b=1", "protocol": "HTTP/1.0", "status": "200", "bytes": "2326",
                    "referer": "http://from/", "user_agent": "Agent/1 (x; \\\"y\\\")",
                ],
                ["_time": "971186137000000000", "client_ip": "::1", "status": "408"],
            ])
    }

    @Test func readsContainerLogsAndJoinsPartialLines() {
        let text = """
            2026-03-02T10:00:00.000000001Z stdout P first 
            2026-03-02T10:00:00.000000002Z stdout F half
            2026-03-02T12:00:00.000000003+02:00 stderr F whole

            """
        let parsed = parseLines(text)
        #expect(parsed.format == .cri)
        #expect(
            parsed.rows == [
                ["_time": "1772445600000000002", "stream": "stdout", "_msg": "first half"],
                ["_time": "1772445600000000003", "stream": "stderr", "_msg": "whole"],
            ])
    }

    @Test func joinsStackTraces() {
        let text = """
            2026-03-02 10:00:00,250 ERROR boom
            java.lang.X: bad
            \tat a.b(C.java:1)

            \tat d.e(F.java:2)
            Caused by: java.lang.Y
            next
            """
        let parsed = parseLines(text, format: .plain)
        #expect(
            parsed.rows == [
                ["_time": "1772445600250000000", "_msg": "2026-03-02 10:00:00,250 ERROR boom"],
                ["_time": "7", "_msg": "java.lang.X: bad\n\tat a.b(C.java:1)"],
                ["_time": "7", "_msg": "\tat d.e(F.java:2)\nCaused by: java.lang.Y"],
                ["_time": "7", "_msg": "next"],
            ])
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func neverLosesALineOrCrashes(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let seeds = [
            "<34>1 2026-03-02T10:00:00.003Z host app 8710 ID47 [ex@1 a=\"x\"] text", "<13>Oct 11 22:14:15 h a[1]: m",
            "a=1 b=\"c d\"",
            "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / H\" 200 1 \"r\" \"a\"",
            "2026-03-02T10:00:00.1Z stdout F x",
        ].map { Array($0.utf8) }
        for format in LineFormat.allCases where format != .json && format != .plain && format != .cri {
            var text: [UInt8] = []
            for _ in 0..<400 {
                var line = seeds.randomElement(using: &generator)!
                for _ in 0..<Int.random(in: 0...4, using: &generator) {
                    let place = Int.random(in: 0..<line.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: line[place] = UInt8.random(in: 33...255, using: &generator)
                    case 1: line = Array(line[...place])
                    default:
                        line.insert([0x22, 0x5B, 0x5D, 0x20, 0x3A, 0x5C].randomElement(using: &generator)!, at: place)
                    }
                }
                text += [0x21] + line + [0x0A]
                text += line.contains { $0 > 0x20 } ? line + [0x0A] : [0x21, 0x0A]
            }
            var parser = LineParser(format: format)
            parser.feed(text.rawSpan, arrival: 5)
            parser.finish(arrival: 5)
            var count = 0
            while let batch = parser.takeBatch() { count += batch.rowCount }
            #expect(count == 800, "seed \(seed), \(format)")
        }
    }
}
