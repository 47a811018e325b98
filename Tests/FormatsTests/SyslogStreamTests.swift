import Bytes
import Formats
import Records
import TestSupport
import Testing

/// Syslog over a connection, in either framing, cut anywhere.
@Suite struct SyslogStreamTests {
    private static let messages = [
        #"<165>1 2026-03-02T10:00:00.5Z web-1 shop 42 paid [order id="7" name="a \"b\""] one paid"#,
        "<34>Oct 11 22:14:15 gate su[99]: failed for alice", "<13>1 - - - - - - two\nlines\n of it",
        "no syslog at all", "<14>1 2026-03-02T10:00:01Z web-1 shop - - - ü",
    ]

    private func rows(_ bytes: [UInt8], pieces: () -> Int) -> (rows: [String], counts: ParseCounts) {
        #expect(SyslogStreamParser.begins(Array(bytes.prefix(1))))
        var parser = SyslogStreamParser(options: ParseOptions(), beginning: Array(bytes.prefix(1)))
        var start = 0
        var rows: [String] = []
        func take(_ parser: inout SyslogStreamParser) {
            while let batch = parser.takeBatch() {
                for row in 0..<batch.rowCount {
                    let fields = ["_msg", "hostname", "app_name", "proc_id", "level", "order.id", "order.name"].map {
                        name in
                        let column = batch.columns.firstIndex { $0.name == ByteString(name) }
                        return column.map { ByteString(batch.value(row: row, column: $0)).string } ?? ""
                    }
                    rows.append(fields.joined(separator: "|"))
                }
            }
        }
        while start < bytes.count {
            let end = min(bytes.count, start + pieces())
            parser.feed(Array(bytes[start..<end]).rawSpan, arrival: 1_772_445_600_000_000_000)
            take(&parser)
            start = end
        }
        parser.finish(arrival: 1_772_445_600_000_000_000)
        take(&parser)
        return (rows, parser.counts)
    }

    private static let wanted = [
        #"one paid|web-1|shop|42|notice|7|a "b""#, "failed for alice|gate|su|99|crit||",
        "two\nlines\n of it||||notice||",
        "no syslog at all||||||", "ü|web-1|shop||info||",
    ]

    @Test func framedByLength() {
        let bytes = Self.messages.flatMap { Array("\($0.utf8.count) \($0)".utf8) }
        var random = SplitMix(seed: 2)
        for _ in 0..<300 {
            let limit = Int.random(in: 1...120, using: &random)
            let (rows, counts) = rows(bytes) { Int.random(in: 1...limit, using: &random) }
            #expect(rows == Self.wanted)
            #expect(counts.accepted == 5 && counts.rejected == 0)
        }
    }

    @Test func framedByLineFeeds() {
        let bytes = Self.messages.filter { !$0.contains("\n") }.flatMap { Array("\($0)\n".utf8) }
        var random = SplitMix(seed: 3)
        for size in [1, 3, 50, 10_000] {
            let (rows, _) = rows(bytes) { Int.random(in: 1...size, using: &random) }
            #expect(rows == Self.wanted.filter { !$0.contains("\n") })
        }
    }

    /// A length that is too large costs its own message; a sender that loses count costs nothing but the framing of it.
    @Test func wrongLengths() {
        let large = Limits.recordBytes + 1
        var bytes = Array("\(large) ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: large)
        bytes += Array("5 <1>aboops <2>lost\n6 <13>cd".utf8)
        let (rows, counts) = rows(bytes) { 70_000 }
        #expect(counts.rejected == 1)
        #expect(rows.map { $0.prefix { $0 != "|" } } == ["ab", "oops <2>lost", "cd"])
    }

    @Test func randomBytes() {
        var random = SplitMix(seed: 6)
        let alphabet = Array("123456789 <>\n\r\u{0}[]\"=-az".utf8)
        for _ in 0..<20_000 {
            let bytes =
                [UInt8(ascii: "1")]
                + (0..<Int.random(in: 0..<60, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            _ = rows(bytes) { Int.random(in: 1...20, using: &random) }
        }
    }
}
