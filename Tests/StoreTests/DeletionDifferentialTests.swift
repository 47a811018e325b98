import Bytes
import Machine
import QueryLanguage
import Records
import Search
import Store
import Testing

/// A store with deletions against a plain list of rows from which each deletion takes what it selects.
@Suite struct DeletionDifferentialTests {
    private typealias Row = (time: Int64, fields: [(String, String)])

    private static let filters = [
        "service:=cart", "level:error", "{service=\"web\"}", "{service=~\"p.*\"} n:<200", "trace_id:=\(Rows.trace(3))",
        "_msg:timeout", "_msg:~\"[13]7 of\"", "n:range[50, 90]", "!level:*", "rare:*", "*",
        "_time:<2026-03-02T12:00:00Z",
        "level:error or rare:yes", "n:>100 !service:=web", "absent:=x", "user:in(u1, u2) level:info",
    ]

    private static let questions = [
        "*", "* | stats count() n",
        "* | stats by (service) count() n, sum(n) s, min(n) a, max(n) z, uniq_values(level) l",
        "* | stats by (_time:1h) count() n", "level:error | fields _time, n",
        "_msg:timeout | stats count_uniq(trace_id) n",
        "* | field_names", "* | field_values level", "* | uniq by (service, level) with hits", "* | top 3 by (user)",
        "* | stats min(_time) a, max(_time) z", "n:<40 | sort by (_time, n) | fields n", "* | facets",
        "* | last 7 by (_time) | fields n", "{service=\"pay\"} | stats quantile(0.5, n) m",
        "rare:yes | stats count() n",
        "trace_id:=\(Rows.trace(3)) | fields n", "n:=5 | stream_context before 1 after 1 | fields n",
        "* | stats by (_stream) count() n", "_time:[2026-03-02T06:00:00Z, 2026-03-02T18:00:00Z] | stats count() n",
    ]

    private static func row(_ number: Int, _ random: inout SeededRandom) -> Row {
        var fields = [
            ("n", "\(number)"), ("service", ["cart", "web", "pay"].randomElement(using: &random)!),
            ("_msg", "row \(number) of \(Bool.random(using: &random) ? "many" : "a timeout")"),
            ("trace_id", Rows.trace(number / 4)), ("user", "u\(Int.random(in: 0..<5, using: &random))"),
        ]
        if Int.random(in: 0..<3, using: &random) > 0 {
            fields.append(("level", ["info", "error"].randomElement(using: &random)!))
        }
        if Int.random(in: 0..<20, using: &random) == 0 { fields.append(("rare", "yes")) }
        // Mostly in order, over a day and a half.
        let jitter = Int64.random(in: 0..<40_000_000_000, using: &random)
        return (Rows.start + Int64(number) * 200_000_000_000 + jitter, fields)
    }

    private func answer(_ question: String, _ snapshot: any BlockSnapshot) throws -> [String] {
        var lines: [String] = []
        try QueryExecutor(workers: 2).run(
            QueryParser.parse(question, now: Rows.start + Rows.day), over: snapshot, now: Rows.start + Rows.day
        ) { rows in
            for row in 0..<rows.rowCount {
                lines.append(
                    zip(rows.names, rows.columns).filter { $1.length(row) > 0 }.map { "\($0)=\($1.value(row))" }
                        .sorted().joined(separator: " "))
            }
        }
        return lines.sorted()
    }

    private func numbers(_ filter: String, _ rows: [Row]) throws -> Set<String> {
        let found = try answer(filter + " | fields n", MemorySnapshot([RecordBatch(rows: rows)]))
        return Set(found.map { String($0.dropFirst(2)) })
    }

    @Test(arguments: 0..<24) func deletionsAgreeWithAList(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var options = Stores.quiet()
        options.selectors = LogsQLSelectors()
        let disk = CrashableFileSystem()
        var store = try Store("data", system: disk, options: options)
        var rows: [Row] = []
        var next = 0
        for round in 0..<14 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let new = (0..<Int.random(in: 1...60, using: &random)).map { Self.row(next + $0, &random) }
                next += new.count
                rows += new
                try await store.append(RecordBatch(rows: new), mark: nil)
            case 5..<8 where !rows.isEmpty:
                let filter = Self.filters.randomElement(using: &random)!
                let gone = try numbers(filter, rows)
                rows.removeAll { gone.contains($0.fields[0].1) }
                _ = try store.delete(filter)
            case 8: try await store.flush()
            default: _ = try store.mergeOnce()
            }
            if round % 5 == 4 {
                store.close()
                store = try Store("data", system: disk, options: options)
            }
            try compare(store, rows, "seed \(seed) round \(round)", &random)
        }
        try await store.flush()
        try await store.forceMerge()
        try compare(store, rows, "seed \(seed), merged", &random)
        #expect(store.deletions.isEmpty)
        #expect(store.statistics.rows == rows.count)
        store.close()
        #expect(try FolderVerification("data", system: disk).isSound)
    }

    private func compare(_ store: Store, _ rows: [Row], _ place: String, _ random: inout SeededRandom) throws {
        let plain = MemorySnapshot(rows.isEmpty ? [] : [RecordBatch(rows: rows)])
        for question in Self.questions.shuffled(using: &random).prefix(7) {
            #expect(try answer(question, store.snapshot()) == answer(question, plain), "\(place): \(question)")
        }
        let trace = ByteString(Rows.trace(Int.random(in: 0..<30, using: &random)))
        let found = try store.snapshot().rows(withIdentifier: trace).reduce(0) { $0 + $1.rows.count }
        #expect(found == rows.count { $0.fields[3].1 == trace.string }, "\(place): trace")
    }
}
