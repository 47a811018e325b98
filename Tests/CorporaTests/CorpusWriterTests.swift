import Bytes
import Corpora
import Records
import Testing

@Suite struct CorpusWriterTests {
    static let seeds: [UInt64] = [1, 20_260_302]

    @Test func aSeedFixesEveryByte() throws {
        #expect(try hash(rows: 20_000, seed: 1, chunk: 1 << 20) == 0, "golden")
        #expect(try hash(rows: 20_000, seed: 1, chunk: 777) == hash(rows: 20_000, seed: 1, chunk: 1 << 20))
        #expect(try hash(rows: 20_000, seed: 2, chunk: 1 << 20) != hash(rows: 20_000, seed: 1, chunk: 1 << 20))
    }

    private func hash(rows: Int, seed: UInt64, chunk: Int) throws -> UInt64 {
        hash64(try write(rows: rows, seed: seed, chunk: chunk).rawSpan)
    }

    @Test(arguments: [0, 1, 9, 4_097])
    func exactlyTheRowsAskedFor(rows: Int) throws {
        let text = try write(rows: rows, seed: 1, chunk: 10_000)
        #expect(text.count { $0 == 0x0A } == rows)
        #expect(text.isEmpty || text.last == 0x0A)
    }

    @Test func chunksKeepTheirLimitAndEndAtLines() throws {
        var writer = try CorpusWriter(name: "retail", rows: 5_000, seed: 3)
        var chunk: [UInt8] = []
        while writer.next(into: &chunk, maximumBytes: 3_000) {
            #expect(chunk.count <= 3_000 && chunk.last == 0x0A)
            chunk.removeAll()
        }
        #expect(writer.progress == (5_000, 5_000))
        #expect(chunk.isEmpty)
        // A limit smaller than a row still makes progress, one row at a time.
        var narrow = try CorpusWriter(name: "retail", rows: 3, seed: 3)
        for _ in 0..<3 {
            #expect(narrow.next(into: &chunk, maximumBytes: 1))
            #expect(chunk.count { $0 == 0x0A } == 1)
            chunk.removeAll()
        }
        #expect(!narrow.next(into: &chunk, maximumBytes: 1))
    }

    @Test(arguments: seeds)
    func recordsAreSoundAndInOrder(seed: UInt64) throws {
        let records = try records(rows: 30_000, seed: seed)
        let truth = try JSONValue(parsing: try CorpusWriter(name: "retail", rows: 30_000, seed: seed).truthJSON)
        var spans: Set<String> = []
        var traces: [String: Int] = [:]
        var services: Set<String> = []
        var latest = ""
        var first = ""
        for record in records {
            let time = try #require(record["_time"]?.text)
            if first.isEmpty { first = time }
            // Late by less than the two seconds that the corpus allows itself; RFC 3339 in UTC compares as text.
            #expect(time.prefix(13) >= latest.prefix(13) || latest.dropFirst(14).hasPrefix("00:0"), "seed \(seed)")
            latest = max(latest, time)
            services.insert(try #require(record["service"]?.text))
            #expect(record["_msg"]?.text?.isEmpty == false && record["pod"]?.text != nil && record["host"]?.text != nil)
            #expect(["info", "warn", "error"].contains(record["level"]?.text))
            #expect(try #require(record["duration_ms"]?.double) > 0)
            guard let span = record["span_id"]?.text, let trace = record["trace_id"]?.text else { continue }
            #expect(span.utf8.count == 16 && trace.utf8.count == 32)
            #expect(spans.insert(span).inserted)
            traces[trace, default: 0] += 1
        }
        #expect(services.count == 10)
        #expect(first.prefix(11) == truth["start"]?.text?.prefix(11))
        #expect(latest.prefix(11) == truth["end"]?.text?.prefix(11))
        // One request is several records; every parent is a span of its own trace.
        #expect(Double(records.count) / Double(traces.count) > 4)
        for record in records.dropLast(100) {
            guard let parent = record["parent_span_id"]?.text else { continue }
            #expect(spans.contains(parent), "seed \(seed)")
        }
    }

    @Test func faultsOfTheScenarioFileAreNamed() throws {
        #expect(throws: CorpusError.self) { try CorpusWriter(name: "nonesuch", rows: 1) }
        #expect(throws: CorpusError.self) { try CorpusWriter(name: "retail", rows: -1) }
        let error = #expect(throws: CorpusError.self) {
            try CorpusWriter(scenarioFile: Array("{\"summary\": 5}".utf8), name: "mine")
        }
        #expect(error?.description == "mine.json.summary: a string expected")
        let broken = #expect(throws: CorpusError.self) {
            try CorpusWriter(scenarioFile: Array("{\n oops".utf8), name: "mine")
        }
        #expect(broken?.description == "mine.json: line 2, column 2: a key in quotes expected")
    }
}

/// The whole corpus.
func write(rows: Int, seed: UInt64, chunk: Int = 1 << 20) throws -> [UInt8] {
    var writer = try CorpusWriter(name: "retail", rows: rows, seed: seed)
    var text: [UInt8] = []
    while writer.next(into: &text, maximumBytes: chunk) {}
    return text
}

func records(rows: Int, seed: UInt64) throws -> [JSONValue] {
    try write(rows: rows, seed: seed).split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
}
