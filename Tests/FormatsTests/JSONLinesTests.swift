import Bytes
import Formats
import Records
import Testing

@Suite struct JSONLinesTests {
    @Test func flattensAndKeepsTexts() {
        let line =
            #"{"_msg":"hi","a":{"b":{"c":1.50},"d":-0},"n":1e5,"big":123456789012345678901234567890,"#
            + #""t":true,"f":false,"z":null,"e":"","arr":[1, {"x":"]}\" "} ,[ ]],"o":{}}"#
        let parsed = parse(line)
        #expect(parsed.counts.accepted == 1)
        #expect(
            parsed.rows == [
                [
                    "_time": "7", "_msg": "hi", "a.b.c": "1.50", "a.d": "-0", "n": "1e5",
                    "big": "123456789012345678901234567890", "t": "true", "f": "false",
                    "arr": #"[1, {"x":"]}\" "} ,[ ]]"#,
                ]
            ])
    }

    static let strings: [(String, String)] = [
        (#""\u0041""#, "A"), (#""\u00e9\u20ac""#, "é€"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ude00x""#, "\u{FFFD}x"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
        (#""a\"b\\c\/d\n\t\r\b\f""#, "a\"b\\c/d\n\t\r\u{8}\u{C}"), (#""\\""#, "\\"), (#""\\\\\"""#, "\\\\\""),
        (#""ключ值""#, "ключ值"), ("\"tab\tinside\"", "tab\tinside"),
    ]

    @Test(arguments: strings)
    func readsStrings(json: String, value: String) {
        #expect(parse("{\"v\":\(json),\"after\":1}").rows == [["_time": "7", "v": value, "after": "1"]])
    }

    @Test(arguments: [
        "0", "-0", "1", "-1", "10", "0.0", "1.25e-7", "1E+5", "2e0", "-9.99",
    ])
    func takesNumbersAsWritten(number: String) {
        #expect(parse("{\"v\": \(number) }").rows == [["_time": "7", "v": number]])
    }

    @Test(arguments: [
        "{", "}", "[]", "1", "\"a\"", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}",
        "{\"a\":01}",
        "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":tru}", "{\"a\":True}",
        "{\"a\":NaN}",
        "{\"a\":nul}", "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":1}}",
        "{\"a\":1} x", "{\"a\":1}{\"b\":2}", "{a:1}", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":[1}", "{\"a\":[}",
        "{\"a\":[[]}",
        "{\"a\":{\"b\":1}", "{\"a\":[{\"b\"}]}", "{\"a\":[{\"b\":1,}]}", "x{\"a\":1}", "{\"a\":x\"y\"}", "{\"a\"x:1}",
        "{x\"a\":1}", "{\"a\":1\u{0C}\"b\":1}", "{\"a\":[1]x}", "{\"\\q\":1}", "null", "\\\"{\"a\":1}",
        "{\"a\":[\"\\x\"]}", "{\"a\":[\"\\\\\\q\"]}", "{\"a\":[{\"\\u00g0\":1}]}",
    ])
    func refusesABadLineAlone(bad: String) {
        let good = #"{"a":"x","b":{"c":2}}"#
        let text = "\(good)\n\(bad)\n\(good)\r\n"
        let parsed = parse(text)
        let row = ["_time": "7", "a": "x", "b.c": "2"]
        #expect(parsed.rows == [row, row])
        #expect(parsed.counts.rejected == 1)
        #expect(parsed.rejections.map(\.line) == [2])
        #expect(parsed.rejections.first?.sample.string == bad)
        for size in 1...9 { #expect(parse(text, pieces: [size]).rows == [row, row]) }
    }

    @Test func skipsBlankLinesAndTakesBothLineEnds() {
        let parsed = parse("\n{\"a\":1}\r\n \t\r\n\r\n{\"a\":2}\n\n{\"a\":3}")
        #expect(parsed.rows.map { $0["a"] } == ["1", "2", "3"])
        #expect(parsed.counts.lines == 7)
        #expect(parsed.counts.rejected == 0)
    }

    @Test func lastOfEqualKeysWins() {
        #expect(parse(#"{"a":1,"b":2,"a":3}"#).rows == [["_time": "7", "a": "3", "b": "2"]])
        #expect(parse(#"{"a":1,"a":null}"#).rows == [["_time": "7"]])
        #expect(parse(#"{"a":{"b":1},"a.b":2,"\u0061":{"b":3}}"#).rows == [["_time": "7", "a.b": "3"]])
    }

    @Test func replacesInvalidUTF8AndCounts() {
        let bytes = Array("{\"a\":\"x".utf8) + [0xFF, 0xC3] + Array("\"}\n{\"b\":\"é\"}\n".utf8)
        let parsed = parse(bytes)
        #expect(parsed.rows == [["_time": "7", "a": "x\u{FFFD}\u{FFFD}"], ["_time": "7", "b": "é"]])
        #expect(parsed.counts.replacedBytes == 2)
    }

    @Test func takesTimesAndMessagesFromUsualNames() {
        let parsed = parse(
            """
            {"timestamp":"2026-03-02T10:00:00Z","message":"m1","msg":"m2"}
            {"ts":1772445600.25,"log":"m3"}
            {"time":12.5,"body":"m4"}
            {"@timestamp":"yesterday","_msg":"m5","message":"m6"}
            """)
        #expect(
            parsed.rows == [
                ["_time": "1772445600000000000", "_msg": "m1", "msg": "m2"],
                ["_time": "1772445600250000000", "_msg": "m3"],
                ["_time": "7", "_msg": "m4", "time": "12.5"],
                ["_time": "7", "_msg": "m5", "message": "m6", "@timestamp": "yesterday"],
            ])
        #expect(parsed.counts.mistimed == 2)
    }

    @Test func refusesABadTimeThatWasAskedFor() {
        let options = ParseOptions(
            timeField: "when,_time", messageField: "what", streamFields: nil, ignoreFields: nil, extraFields: nil)
        let parsed = parse(
            "{\"when\":\"never\",\"what\":1}\n{\"when\":0,\"what\":2}\n{\"_time\":5,\"what\":3}", options: options)
        #expect(parsed.rows == [["_time": "7", "_msg": "2"], ["_time": "5000000000", "_msg": "3"]])
        #expect(parsed.rejections.map(\.line) == [1])
        #expect(parse("{\"_time\":\"x\"}").counts.rejected == 1)
    }

    @Test func addsIgnoresAndStreams() {
        let options = ParseOptions(
            timeField: nil, messageField: nil, streamFields: "svc,host", ignoreFields: "secret,tmp.*",
            extraFields: "host=h1,env=a=b")
        let parsed = parse(#"{"svc":"a\"\\b","secret":1,"tmp":{"x":1},"host":"h0","v":1}"# + "\n{}", options: options)
        #expect(
            parsed.rows == [
                [
                    "_time": "7", "svc": "a\"\\b", "host": "h1", "env": "a=b", "v": "1",
                    "_stream": #"{host="h1",svc="a\"\\b"}"#,
                ],
                ["_time": "7", "host": "h1", "env": "a=b", "_stream": #"{host="h1"}"#],
            ])
    }

    /// As a stream, in pieces of any size, of a file that an editor gave a byte order mark.
    @Test(arguments: [1, 2, 3, 4, 100]) func passesOverAByteOrderMark(piece: Int) {
        let parsed = parse("\u{FEFF}{\"a\":\"1\"}\n{\"a\":\"\u{FEFF}\"}\n", pieces: [piece])
        #expect(parsed.counts.rejected == 0)
        #expect(parsed.rows.map { $0["a"] } == ["1", "\u{FEFF}"])
    }

    @Test func boundsRecords() {
        let deep = String(repeating: "{\"a\":", count: 64)
        #expect(parse(deep + "1" + String(repeating: "}", count: 64)).counts.accepted == 1)
        #expect(parse("{\"a\":" + deep + "1" + String(repeating: "}", count: 65)).counts.rejected == 1)
        let array = "{\"a\":" + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}"
        #expect(parse(array).counts.rejected == 1)
        #expect(parse(array.replacing("[[", with: "[").replacing("]]", with: "]")).counts.accepted == 1)
        func wide(_ count: Int) -> String { "{" + (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}" }
        #expect(parse(wide(Limits.fieldsPerRecord)).rows[0].count == Limits.fieldsPerRecord + 1)
        #expect(parse(wide(Limits.fieldsPerRecord + 1)).counts.rejected == 1)
        func key(_ count: Int) -> String { "{\"\(String(repeating: "k", count: count))\":1}" }
        #expect(parse(key(1024)).counts.accepted == 1)
        #expect(parse(key(1025)).counts.rejected == 1)
        func long(_ count: Int) -> String { "{\"a\":\"\(String(repeating: "x", count: count - 8))\"}" }
        let both = long(Limits.recordBytes) + "\n" + long(Limits.recordBytes + 1) + "\r\n{\"b\":1}\n"
        for piece in [1 << 22, 100_000] {
            let parsed = parse(both, pieces: [piece])
            #expect(parsed.counts.accepted == 2)
            #expect(parsed.rejections.map(\.line) == [2])
            #expect(parsed.rows.last?["b"] == "1")
        }
    }

    @Test func handsOverBoundedBatches() {
        // Every record brings new names: the batch may not grow into rows times names.
        let text = (0..<6000).map { "{\"k\($0)\":1,\"same\":\($0)}\n" }.joined()
        var parser = JSONLinesParser()
        parser.feed(Array(text.utf8).rawSpan, arrival: 1)
        var batches: [RecordBatch] = []
        while let batch = parser.takeBatch() { batches.append(batch) }
        // The rows of a window come on top, and the names that they bring.
        #expect(batches.allSatisfy { $0.rowCount * $0.columns.count <= Limits.cellsOfWideBatch * 9 / 8 })
        #expect(batches.allSatisfy { $0.memoryBytes <= 8 << 20 })
        #expect(batches.count > 1)
        var same: [String] = []
        for batch in batches {
            let column = batch.columnIndex("same")!
            same += (0..<batch.rowCount).map { ByteString(batch.value(row: $0, column: column)).string }
        }
        #expect(same == (0..<6000).map { String($0) })
        let late = batches.first { $0.columnIndex("k4321") != nil }!
        let column = late.columnIndex("k4321")!
        #expect((0..<late.rowCount).filter { late.value(row: $0, column: column).byteCount > 0 }.count == 1)
    }

    @Test func passesOverRecords() {
        var parser = JSONLinesParser()
        parser.skip(records: 3)
        parser.feed(Array("{\"a\":1}\n\nbad\n{\"a\":3}\n{\"a\":4}\n".utf8).rawSpan, arrival: 1)
        let batch = parser.takeBatch()
        #expect(rows([batch!]).map { $0["a"] } == ["4"])
        #expect(parser.counts.skipped == 3 && parser.counts.records == 4)
    }
}
