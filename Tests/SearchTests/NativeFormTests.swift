import Bytes
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// Numbers, addresses, identifiers and templates are worked on in the form in which their blocks hold them: the answer
/// must be the one over the same rows as texts in memory, whatever the layer, and whether or not columns are cached.
@Suite struct NativeFormTests {
    static let fields = ["trace", "span", "uuid", "upper", "ip", "user", "ms", "db", "status", "svc", "mixed", "_msg"]

    static func hex(_ digits: Int, _ random: inout SplitMix) -> String {
        (0..<digits).map { _ in String(Int.random(in: 0..<16, using: &random), radix: 16) }.joined()
    }

    static func fields(_ index: Int, _ traces: [String], _ random: inout SplitMix) -> Fields {
        func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        let service = ["auth", "api", "store"][number(0..<3)]
        let user = number(0..<40)
        var fields: Fields = [("svc", service), ("status", "\([200, 204, 404, 500][number(0..<4)])")]
        fields.append(("trace", traces[min(traces.count - 1, index / 8 + number(0..<3))]))
        fields.append(("ms", "\(number(0..<90)).\(String(1_000 + number(0..<999) / 10 * 10 + 1).dropFirst())"))
        fields.append(("uuid", [8, 4, 4, 4, 12].map { hex($0, &random) }.joined(separator: "-")))
        if number(0..<3) > 0 { fields.append(("span", hex(16, &random))) }
        if number(0..<3) == 0 { fields.append(("upper", hex(32, &random).uppercased())) }
        if number(0..<4) == 0 { fields.append(("ip", "10.\(number(0..<3)).0.\(number(0..<256))")) }
        if number(0..<4) == 0 { fields.append(("user", "\(user - 5)")) }
        if number(0..<4) == 0 { fields.append(("db", "\(number(0..<9)).\(number(1..<10))")) }
        let mixed = ["7", "07", "7.0", "10.0.0.1", "010.0.0.1", traces[0], traces[0].uppercased(), "x"]
        if index < 900 || number(0..<2) == 0 { fields.append(("mixed", mixed[number(0..<mixed.count)])) }
        let messages = [
            "session of user \(user) valid for tenant \(number(0..<9))", "limits read from cache in \(user) ms",
            "answered user \(user) from \(number(1..<2_000)) passages", "embedded \(number(0..<30)) passages",
            "check on \(hex(8, &random)) passed with \(number(0..<99)) rules", "\(user)th try: 5 rules of \(service)",
        ]
        fields.append(("_msg", messages[number(0..<messages.count)]))
        return fields
    }

    static func filter(_ random: inout SplitMix, _ rows: [(time: Int64, fields: Fields)]) -> String {
        let field = fields.randomElement(using: &random)!
        let known = rows.randomElement(using: &random)!.fields.first { $0.0 == field }?.1 ?? ""
        let number = Int.random(in: -10...99, using: &random)
        return [
            "*", "*", "\(field):=\"\(known)\"", "\(field):\"\(known)\"", "\(field):*", "\(field):\"\"",
            "user:=\(number)",
            "user:>\(number)", "user:in(1, 2, \(number))", "ms:<\(number)", "ms:range[1.5, \(number))", "db:>=4.5",
            "ip:ipv4_range(\"10.1.0.0/16\")", "ip:=\"10.0.0.\(number)\"", "ip:>10.1.0.0", "!(user:>\(number))",
            "user:len_range(1, 1)", "\(field):~\"[0-9]{2}\"", "~\"[0-9]+ passages|[0-9]+ rules\"",
            "~\"user [0-9]+ (from|valid)\"",
            "~\"passages$\"", "~\"(?i)PASSED\"", "~\"\\\\d+ rules of\"", "~\"[1-5] passages\"",
            "\"read from cache\" limits",
            "~\"tenant [0-9]|cache\"", "svc:api status:404", "trace:=\"\(known)\" or user:\(number)", "mixed:=7",
        ].randomElement(using: &random)!
    }

    static func pipes(_ random: inout SplitMix) -> String {
        let field = fields.randomElement(using: &random)!
        let other = fields.randomElement(using: &random)!
        return [
            "stats count() a", "stats count_uniq(\(field)) a", "stats by (svc) count_uniq(\(field)) a",
            "stats by (svc) quantile(0.9, ms) a, avg(db) b, sum(user) c", "stats quantile(0.5, \(field)) a, sum(ms) b",
            "stats by (svc, status) count() a", "stats by (_time:1m) count() a", "stats by (_time:7s, svc) count() a",
            "stats by (\(field)) count() a | sort by (a desc, \(field)) limit 20",
            "stats by (user) max(ms) a, min(ip) b",
            "top 5 by (\(field))", "uniq by (\(field)) with hits", "uniq by (\(field), svc) limit 9",
            "sort by (_time desc) limit 7", "sort by (\(field) desc, _time) limit 11 | fields \(field), uuid",
            "fields \(field), \(other), uuid", "limit 3", "stats count(\(field)) a, count_empty(\(other)) b",
            "stats histogram(ms) a", "filter \(field):* | stats count_uniq(\(field)) a, sum_len(\(other)) b",
            "stats by (mixed) count() a, count_uniq(trace) b", "stats count_uniq(mixed) a, count_uniq(mixed, user) b",
        ].randomElement(using: &random)!
    }

    static func sealed(_ rows: ArraySlice<(time: Int64, fields: Fields)>, _ effort: EncodingEffort) throws
        -> EncodedBlock
    { try EncodedBlock(BlockEncoder(effort: effort).encode(RecordBatch(rows: Array(rows))).bytes) }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func everyFormAnswersAsTextsDo(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let traces = (0..<200).map { _ in Self.hex(32, &random) }
        let rows = (0..<1_500).map { index in
            (time: testNow + Int64(index) * 700_000_000, fields: Self.fields(index, traces, &random))
        }
        let plain = MemorySnapshot([RecordBatch(rows: rows)])
        func blocks(_ effort: EncodingEffort, _ length: Int) throws -> [any ColumnBlock] {
            try stride(from: 0, to: rows.count, by: length).map {
                try Self.sealed(rows[$0..<min($0 + length, rows.count)], effort)
            }
        }
        // A batch, blocks of the journal, and a sealed block, one behind the other.
        let several: [any ColumnBlock] = [
            try Self.sealed(rows[..<400], .seal), try Self.sealed(rows[400..<900], .commit),
            BatchBlock(RecordBatch(rows: Array(rows[900..<1_200]))), try Self.sealed(rows[1_200...], .seal),
        ]
        let layers: [(String, MemorySnapshot)] = [
            ("one sealed block", MemorySnapshot(blocks: try blocks(.seal, rows.count))),
            ("many sealed blocks", MemorySnapshot(blocks: try blocks(.seal, 190))),
            ("journal", MemorySnapshot(blocks: try blocks(.commit, 333))), ("several", MemorySnapshot(blocks: several)),
        ]
        let cache = ColumnCache(limitBytes: 1 << 20)
        for round in 0..<200 {
            let text = "\(Self.filter(&random, rows)) | \(Self.pipes(&random))"
            let wanted = lines(try answer(text, over: plain).rows)
            for (layer, snapshot) in layers {
                for workers in [1, 2] {
                    let found = try answer(text, over: snapshot, workers: workers, cache: workers == 2 ? cache : nil)
                    #expect(lines(found.rows) == wanted, "seed \(seed), round \(round), \(layer), \(workers): \(text)")
                    if lines(found.rows) != wanted { return }
                }
            }
        }
        #expect(cache.usedBytes > 0 && cache.usedBytes <= 1 << 20)
    }

    /// Few rows are read from where they stand; a column that is wanted often is kept. The answer is the same.
    @Test func fewRowsInPlaceAndKept() throws {
        var random = SplitMix(seed: 12)
        let traces = (0..<400).map { _ in Self.hex(32, &random) }
        let rows = (0..<3_000).map { index in
            (time: testNow + Int64(index) * 700_000_000, fields: Self.fields(index, traces, &random))
        }
        let plain = MemorySnapshot([RecordBatch(rows: rows)])
        let sealed = MemorySnapshot(blocks: [try Self.sealed(rows[...], .seal)])
        let cache = ColumnCache(limitBytes: 16 << 20)
        let query = "trace:=\(traces[57])"
        for text in [query, "\(query) | sort by (_time desc)", "\(query) | fields _time, _stream, _msg, ms"] {
            let wanted = lines(try answer(text, over: plain).rows)
            #expect((2...40).contains(wanted.count))
            var kept: [Int] = []
            for _ in 0..<6 {
                #expect(lines(try answer(text, over: sealed, cache: cache).rows) == wanted)
                kept.append(cache.usedBytes)
            }
            if text == query { #expect(kept[0] == kept[3] && kept[5] > 4 * kept[0], "\(kept)") }
        }
    }

    /// A run longer than what one group keeps exactly, parted among groups and threads.
    @Test func longRunsOfDecimals() throws {
        var random = SplitMix(seed: 9)
        let rows: [(time: Int64, fields: Fields)] = (0..<90_000).map { index in
            let value = "\(Int.random(in: 0..<3_000, using: &random)).\(Int.random(in: 100..<999, using: &random))"
            return (testNow + Int64(index), [("ms", value), ("svc", "s\(index % 2 * (index % 7) / 6)")])
        }
        let plain = MemorySnapshot([RecordBatch(rows: rows)])
        let blocks = MemorySnapshot(
            blocks: try stride(from: 0, to: rows.count, by: 30_000).map {
                try Self.sealed(rows[$0..<$0 + 30_000], .seal)
            })
        for text in ["* | stats by (svc) quantile(0.99, ms) a, avg(ms) b | sort by (svc)", "* | stats median(ms) a"] {
            let wanted = lines(try answer(text, over: plain).rows)
            #expect(lines(try answer(text, over: blocks, workers: 2).rows) == wanted)
        }
    }
}

/// What is read off the text of an expression.
@Suite struct RegexpSyntaxTests {
    /// Searches over templates whose numbers have one to four digits, where single digits matter and where they do not.
    @Test(arguments: [
        "[0-9]+ ms", "[0-8]+ ms", "[1-9][0-9] ms", "\\d{2} ms", "took \\d", "^took", "ms$", "\\b7", "7", "[7]",
        "[^0-9]7",
        "[^x]+ ms", "took (?P<n1>[[:digit:]]{3}) ms", "x{0,2}took [ -~]+ms", "took .{3} ms|took .{1} ms", "[\\d] ms",
        "took [0-9a-f]{2} ", "took [5-9]{2} ", "\\x37", "(?i)TOOK \\d", "took 1|2 ms", "[0-9]{4,} m", "a{1}|ms",
    ])
    func digitsInTemplates(_ pattern: String) throws {
        let rows: [(time: Int64, fields: Fields)] = (0..<2_000).map {
            (testNow + Int64($0), [("_msg", $0 % 3 == 0 ? "took \($0) ms" : "\($0 % 70) took \($0 % 13)x")])
        }
        let text = "~\(QuotedForTest.quote(pattern)) | fields _msg"
        let wanted = lines(try answer(text, over: MemorySnapshot([RecordBatch(rows: rows)])).rows)
        let sealed = MemorySnapshot(blocks: [try NativeFormTests.sealed(rows[...], .seal)])
        #expect(lines(try answer(text, over: sealed).rows) == wanted)
    }
}
