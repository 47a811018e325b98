import Bytes
import Corpora
import Records
import Testing

@Suite struct CorpusWriterTests {
    static let seeds: [UInt64] = [1, 20_260_302]

    @Test func aSeedFixesEveryByte() throws {
        #expect(try hash(rows: 20_000, seed: 1, chunk: 1 << 20) == 14_643_542_068_246_429_022)
        #expect(try hash(rows: 20_000, seed: 1, chunk: 777) == hash(rows: 20_000, seed: 1, chunk: 1 << 20))
        #expect(try hash(rows: 20_000, seed: 2, chunk: 1 << 20) != hash(rows: 20_000, seed: 1, chunk: 1 << 20))
    }

    private func hash(rows: Int, seed: UInt64, chunk: Int) throws -> UInt64 {
        let text = try write(rows: rows, seed: seed, chunk: chunk)
        return hash64(text.rawSpan)
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
        let records = try records(rows: 12_000, seed: seed)
        let truth = try JSONValue(parsing: try CorpusWriter(name: "retail", rows: 12_000, seed: seed).truthJSON)
        var spans: Set<String> = []
        var traces: [String: Int] = [:]
        var services: Set<String> = []
        var latest: Int64 = 0
        let start = try #require(truth["start"]?.text.flatMap(nanoseconds))
        let end = try #require(truth["end"]?.text.flatMap(nanoseconds))
        for record in records {
            let time = try #require(record["_time"]?.text.flatMap(nanoseconds))
            #expect(time > latest - 2_000_000_000, "late by more than two seconds; seed \(seed)")
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
        let hour: Int64 = 3_600_000_000_000
        let earliest = try #require(records.first?["_time"]?.text.flatMap(nanoseconds))
        #expect((start..<(start + hour)).contains(earliest), "seed \(seed)")
        #expect(((end - hour)..<(end + hour)).contains(latest), "seed \(seed)")
        // One request is several records; every parent is a span of its own trace.
        #expect(Double(records.count) / Double(traces.count) > 4)
        for record in records.dropLast(100) {
            guard let parent = record["parent_span_id"]?.text else { continue }
            #expect(spans.contains(parent), "seed \(seed)")
        }
    }

    private static func load(rows: Int, corpus: String) throws -> [JSONValue] {
        try records(rows: rows, seed: 4, corpus: corpus)
    }

    @Test func platformIsNestedAndBusy() throws {
        let records = try Self.load(rows: 20_000, corpus: "platform")
        var traces: [String: Int] = [:]
        for record in records { if let trace = record["trace_id"]?.text { traces[trace, default: 0] += 1 } }
        #expect((6...9).contains(Double(traces.values.reduce(0, +)) / Double(traces.count)))
        #expect(Set(records.compactMap { $0["service"]?.text }).count == 14)
        #expect(records.contains { $0["http"]?["status"]?.integer == 200 && $0["http.status"] == nil })
        let call = try #require(records.first { $0["llm"]?["tokens_in"] != nil })
        #expect(call["llm"]?["tokens_in"]?.integer != nil && call["llm"]?["cost_usd"]?.double != nil)
        #expect(records.contains { $0["_msg"]?.text?.contains("\n\tat ") == true })
        let requests: [String] = records.compactMap { $0["request_id"]?.text }
        let request = try #require(requests.first)
        let shape = #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#
        #expect(request.wholeMatch(of: shape) != nil, "\(request)")
        let other = try Self.load(rows: 2_000, corpus: "retail")
        let spans: Set<String> = Set(records.compactMap { $0["span_id"]?.text })
        let others: [String] = other.compactMap { $0["span_id"]?.text }
        #expect(spans.isDisjoint(with: others), "corpora of one seed share identifiers")
    }

    @Test func faultsOfTheScenarioFileAreNamed() throws {
        #expect(
            refusal(of: { try CorpusWriter(name: "nonesuch", rows: 1) })
                == "no corpus nonesuch; there are: retail, platform, reports, bank")
        #expect(
            refusal(of: { try CorpusWriter(name: "retail", rows: -1) }) == "the number of rows must not be negative")
        #expect(
            refusal(of: { try CorpusWriter(scenarioFile: Array("{\"summary\": 5}".utf8), name: "mine") })
                == "mine.json.summary: a string expected")
        #expect(
            refusal(of: { try CorpusWriter(scenarioFile: Array("{\n oops".utf8), name: "mine") })
                == "mine.json: line 2, column 2: a key in quotes expected")
    }

    private func refusal(of make: () throws -> CorpusWriter) -> String {
        do {
            _ = try make()
            return "accepted"
        } catch {
            return "\(error)"
        }
    }
}

/// The whole corpus.
func write(rows: Int, seed: UInt64, chunk: Int = 1 << 20, corpus: String = "retail") throws -> [UInt8] {
    var writer = try CorpusWriter(name: corpus, rows: rows, seed: seed)
    var text: [UInt8] = []
    while writer.next(into: &text, maximumBytes: chunk) {}
    return text
}

/// The records whose line contains `text`; reading only these saves a test without optimisation most of its time.
func records(
    rows: Int, seed: UInt64, corpus: String = "retail", containing text: String = ""
) throws -> [JSONValue] {
    var records: [JSONValue] = []
    let needle = Array(text.utf8)
    for line in try write(rows: rows, seed: seed, corpus: corpus).split(separator: 0x0A) {
        let bytes = Array(line)
        let isWanted = firstRange(of: needle.rawSpan, in: bytes.rawSpan) != nil
        if isWanted { records.append(try JSONValue(parsing: bytes)) }
    }
    return records
}

/// RFC 3339 in UTC as nanoseconds since the epoch.
func nanoseconds(_ text: String) -> Int64? {
    let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int64($0 - 0x30) }
    guard digits.count >= 14, text.hasSuffix("Z") else { return nil }
    func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
    let date = CivilDate(year: Int(number(0..<4)), month: Int(number(4..<6)), day: Int(number(6..<8)))
    let seconds = date.daysSinceEpoch * 86_400 + number(8..<10) * 3_600 + number(10..<12) * 60 + number(12..<14)
    let fraction = (digits.dropFirst(14) + Array(repeating: 0, count: 9)).prefix(9).reduce(0) { $0 * 10 + $1 }
    return seconds * 1_000_000_000 + fraction
}
