import Bytes
import Formats
import Records
import TestSupport
import Testing

/// What other protocols' requests come to, as the lines that the one parser reads.
@Suite struct PushTests {
    // MARK: A writer of protobuf, for requests as clients make them

    static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(UInt64(number << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
    }

    static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    static func field(_ number: Int, _ value: UInt64) -> [UInt8] { varint(UInt64(number << 3)) + varint(value) }

    static func fixed(_ number: Int, _ value: UInt64) -> [UInt8] {
        varint(UInt64(number << 3 | 1)) + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func attribute(_ name: String, _ value: [UInt8]) -> [UInt8] { field(1, name) + field(2, value) }

    /// Rows of the lines as the parser reads them: time, then fields by name.
    static func rows(_ lines: RecordLines) -> [String] {
        var parser = JSONLinesParser(options: ParseOptions(timeFields: ["_time"]))
        parser.feed(lines.bytes.rawSpan, arrival: 7)
        parser.finish(arrival: 7)
        var rows: [String] = []
        while let batch = parser.takeBatch() {
            for row in 0..<batch.rowCount {
                let fields = batch.columns.indices.compactMap { column -> String? in
                    let value = ByteString(batch.value(row: row, column: column))
                    return value.isEmpty ? nil : "\(batch.columns[column].name.string)=\(value.string)"
                }
                rows.append((["\(batch.times[row])"] + fields.sorted()).joined(separator: " | "))
            }
        }
        #expect(parser.counts.rejected == 0 && rows.count == lines.records)
        return rows
    }

    // MARK: OpenTelemetry

    static func logs() -> [UInt8] {
        let list = field(5, field(1, field(3, 1)) + field(1, field(1, "two")))
        let map = field(6, field(1, attribute("deep", field(2, 1))) + field(1, attribute("n", fixed(4, 0x3FF8 << 48))))
        let first =
            fixed(1, 1_700_000_000_000_000_001) + field(2, 13) + field(3, "Warning") + field(5, field(1, "a \"b\"\nc"))
            + field(6, attribute("user", field(1, "ü"))) + field(6, attribute("list", list))
            + field(6, attribute("map", map)) + field(6, attribute("minus", field(3, UInt64(bitPattern: -5))))
            + field(6, attribute("raw", field(7, "any"))) + field(6, attribute("user", field(1, "last")))
            + field(9, (0..<16).map { UInt8($0 * 16) }) + field(10, [1, 2, 3, 4, 5, 6, 7, 255]) + field(12, "paid")
        let second = fixed(11, 5_000_000_000) + field(5, map) + field(9, [UInt8](repeating: 0, count: 16))
        let scope = field(1, field(1, "lib") + field(2, "1.0"))
        let resource = field(
            1, field(1, attribute("service.name", field(1, "shop"))) + field(1, attribute("n", field(3, 4))))
        // The resource behind its records, as the wire allows.
        return field(1, field(2, scope + field(2, first) + field(2, second) + field(2, [])) + resource)
    }

    static let expectedLogs = [
        "1700000000000000001 | _msg=a \"b\"\nc | _stream={n=\"4\",service.name=\"shop\"} | event_name=paid | level=warn"
            + " | list=[1,\"two\"] | map.deep=true | map.n=1.5 | minus=-5 | n=4 | raw=YW55 | scope.name=lib"
            + " | scope.version=1.0 | service.name=shop | severity=Warning | span_id=01020304050607ff"
            + " | trace_id=00102030405060708090a0b0c0d0e0f0 | user=last",
        "5000000000 | _stream={n=\"4\",service.name=\"shop\"} | deep=true | n=1.5 | scope.name=lib | scope.version=1.0"
            + " | service.name=shop",
        "7 | _stream={n=\"4\",service.name=\"shop\"} | n=4 | scope.name=lib | scope.version=1.0 | service.name=shop",
    ]

    @Test func openTelemetryInProtobuf() throws {
        var logs = OTLPLogs(namesStream: true)
        try logs.read(protobuf: Self.logs().rawSpan)
        #expect(Self.rows(logs.lines) == Self.expectedLogs)
    }

    @Test func openTelemetryInJSON() throws {
        let map =
            #"{"kvlistValue":{"values":[{"key":"deep","value":{"boolValue":true}},"#
            + #"{"key":"n","value":{"doubleValue":1.5}}]}}"#
        let text = #"""
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},
            {"key":"n","value":{"intValue":"4"}}]},"scopeLogs":[{"scope":{"name":"lib","version":"1.0"},"logRecords":[
            {"timeUnixNano":"1700000000000000001","severityNumber":13,"severityText":"Warning",
             "body":{"stringValue":"a \"b\"\nc"},"attributes":[{"key":"user","value":{"stringValue":"ü"}},
             {"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"two"}]}}},
             {"key":"map","value":\#(map)},{"key":"minus","value":{"intValue":"-5"}},
             {"key":"raw","value":{"bytesValue":"YW55"}},{"key":"user","value":{"stringValue":"last"}}],
             "traceId":"00102030405060708090A0B0C0D0E0F0","spanId":"01020304050607ff","eventName":"paid"},
            {"observedTimeUnixNano":"5000000000","body":\#(map)},{}]}]}]}
            """#
        var logs = OTLPLogs(namesStream: true)
        try logs.read(json: Array(text.utf8))
        #expect(Self.rows(logs.lines) == Self.expectedLogs)
    }

    /// Cut anywhere, or changed anywhere: an error that names a byte, or other records, never a crash.
    @Test func damagedRequestsAreRefused() {
        let whole = Self.logs()
        var refused = 0
        for end in 0..<whole.count {
            var logs = OTLPLogs(namesStream: true)
            do { try logs.read(protobuf: Array(whole[..<end]).rawSpan) } catch {
                refused += 1
                #expect((1...whole.count).contains(error.place ?? 0))
            }
        }
        #expect(refused == whole.count - 1)
        var random = SplitMix(seed: 4)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var logs = OTLPLogs(namesStream: false)
            try? logs.read(protobuf: bytes.rawSpan)
        }
        // A value in a value in a value: an error, not the end of the stack.
        var nested = Self.field(1, "x")
        for _ in 0..<2_000 { nested = Self.field(5, Self.field(1, nested)) }
        var logs = OTLPLogs(namesStream: false)
        let request = Self.field(1, Self.field(2, Self.field(2, Self.field(5, nested))))
        #expect(throws: PushError.self) { try logs.read(protobuf: request.rawSpan) }
    }

    /// A long resource over many records: what each would get a copy of has a bound.
    @Test func sharedAttributesHaveABound() {
        let long = Self.field(1, Self.attribute("a", Self.field(1, String(repeating: "x", count: 1 << 20))))
        let records = (0..<2_000).flatMap { _ in Self.field(2, []) }
        var logs = OTLPLogs(namesStream: false)
        let request = Self.field(1, Self.field(1, long) + Self.field(2, records))
        #expect(throws: PushError.self) { try logs.read(protobuf: request.rawSpan) }
    }

    // MARK: Loki

    static func loki() -> [UInt8] {
        let stamp = field(1, 1_700_000_000) + field(2, 123)
        let plain = field(1, stamp) + field(2, "GET /a?b=\"c\"") + field(3, field(1, "meta") + field(2, "m"))
        let json = field(1, stamp) + field(2, #" {"message":"inside","a":{"b":1},"_time":"2001-01-01"} "#)
        let broken = field(2, #"{"message":"inside","a":}"#)
        let lines = field(2, "{\n}")
        return field(
            1,
            field(1, #"{job="j", path="a\\b\"c\n" , empty=""}"#) + field(2, plain) + field(2, json) + field(2, broken)
                + field(2, lines))
    }

    @Test func lokiInProtobuf() throws {
        var push = LokiPush(readsJSON: true, namesStream: true)
        try push.read(protobuf: Self.loki().rawSpan)
        let labels = "_stream={job=\"j\",path=\"a\\\\b\\\"c\\n\"}"
        #expect(
            Self.rows(push.lines) == [
                "1700000000000000123 | _msg=GET /a?b=\"c\" | \(labels) | job=j | meta=m | path=a\\b\"c\n",
                "1700000000000000123 | _msg=inside | \(labels) | a.b=1 | job=j | path=a\\b\"c\n",
                "7 | _msg={\"message\":\"inside\",\"a\":} | \(labels) | job=j | path=a\\b\"c\n",
                "7 | _msg={\n} | \(labels) | job=j | path=a\\b\"c\n",
            ])
    }

    @Test func lokiInJSON() throws {
        let text = #"""
            {"streams":[{"stream":{"b":"2","a":"1"},"values":[["1700000000000000123","{\"x\":1}",{"meta":"m"}],
            ["0","plain"]]},{"stream":{},"values":[]}]}
            """#
        var push = LokiPush(readsJSON: false, namesStream: false)
        try push.read(json: Array(text.utf8))
        #expect(
            Self.rows(push.lines) == [
                "1700000000000000123 | _msg={\"x\":1} | a=1 | b=2 | meta=m", "7 | _msg=plain | a=1 | b=2",
            ])
    }

    @Test(arguments: [
        #"[]"#, #"{"streams":[{"stream":{}}]}"#, #"{"streams":[{"stream":{},"values":[["x","y"]]}]}"#,
        #"{"streams":[{"stream":{},"values":[["1"]]}]}"#, #"{"streams":"#,
    ])
    func wrongLokiJSONIsRefused(_ text: String) {
        var push = LokiPush(readsJSON: true, namesStream: true)
        #expect(throws: PushError.self) { try push.read(json: Array(text.utf8)) }
    }

    @Test(arguments: [#"job="j""#, #"{job=j}"#, #"{job="j}"#, #"{="j"}"#, #"{job="\q"}"#, #"{job="j" x="y"}"#, ""])
    func wrongLabelsAreRefused(_ labels: String) {
        var push = LokiPush(readsJSON: true, namesStream: true)
        let request = Self.field(1, Self.field(1, labels) + Self.field(2, Self.field(2, "line")))
        #expect(throws: PushError.self) { try push.read(protobuf: request.rawSpan) }
    }

    // MARK: Snappy

    /// Blocks written by the format's description: literals of every length form, copies of every form.
    @Test func snappyBlocks() throws {
        #expect(try unpacked([0]) == [])
        #expect(try unpacked([5, 4 << 2] + Array("hello".utf8)) == Array("hello".utf8))
        let long = (0..<300).map { UInt8($0 % 251) }
        #expect(try unpacked([0xAC, 0x02, 61 << 2, 0x2B, 0x01] + long) == long)
        // "abc", then a copy that overlaps itself, in the forms with one, two and four bytes of distance.
        let start: [UInt8] = [12, 2 << 2] + Array("abc".utf8)
        #expect(try unpacked(start + [(9 - 4) << 2 | 1, 3]) == Array("abcabcabcabc".utf8))
        #expect(try unpacked(start + [8 << 2 | 2, 3, 0]) == Array("abcabcabcabc".utf8))
        #expect(try unpacked(start + [8 << 2 | 3, 3, 0, 0, 0]) == Array("abcabcabcabc".utf8))
    }

    @Test(
        arguments: [
            [], [0x80], [5, 4 << 2, 1], [4, 0, 1, 1, 9], [3, 0, 1, 8 << 2 | 2, 0, 0], [1, 4 << 2, 1, 2, 3, 4, 5],
            [9, 0, 1],
            [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 1],
        ] as [[UInt8]])
    func damagedSnappyBlocks(_ block: [UInt8]) {
        #expect(throws: PushError.self) { try unpacked(block) }
    }

    @Test func randomSnappyBlocks() {
        var random = SplitMix(seed: 8)
        for _ in 0..<50_000 {
            let block = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if let bytes = try? unpacked(block) { #expect(bytes.count <= 1 << 20) }
        }
    }

    private func unpacked(_ block: [UInt8]) throws -> [UInt8] {
        try SnappyBlock.unpack(block.rawSpan, limit: 1 << 20)
    }

    // MARK: Elasticsearch

    @Test(arguments: [1, 2, 7, 40, 10_000])
    func bulkInPiecesOfAnySize(_ size: Int) {
        let text = #"""
            {"create":{"_index":"a"}}
            {"_msg":"one"}

            { "index" : {} }
            {"_msg":"two"}
            {"delete":{"_id":"1"}}
            {"update":{"_id":"1"}}
            {"doc":{"x":1}}
            {"_msg":"no action"}
            {"create":{}}

            {"index":{}}
            not json
            {"create":{}}
            """#
        var bulk = BulkLines()
        var documents: [UInt8] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            bulk.feed(Array(bytes[start..<min(start + size, bytes.count)]).rawSpan, into: &documents)
        }
        bulk.finish(into: &documents)
        #expect(bulk.items == [.create, .index, .delete, .update, .unknown, .missing, .index, .missing])
        #expect(String(decoding: documents, as: UTF8.self) == "{\"_msg\":\"one\"}\n{\"_msg\":\"two\"}\nnot json\n")
    }
}
