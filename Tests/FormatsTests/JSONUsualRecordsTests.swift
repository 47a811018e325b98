import Bytes
import Formats
import Records
import TestSupport
import Testing

/// Records of few shapes, as one program writes them, with unlike ones among them: they must come back whichever way
/// each of them was read.
@Suite struct JSONUsualRecordsTests {
    static let pieces: [[Int]] = [[1 << 20], [40_000], [997, 64, 3], [130], [1]]

    /// How one program writes.
    struct Style {
        var afterComma: String
        var afterColon: String
        var lineEnd: String
        /// One in so many records is unlike the others.
        var oddity: Int
    }

    static let styles: [Style] = [
        Style(afterComma: "", afterColon: "", lineEnd: "\n", oddity: 30),
        Style(afterComma: " ", afterColon: " ", lineEnd: "\n", oddity: 30),
        Style(afterComma: "", afterColon: "", lineEnd: "\r\n", oddity: 1_000_000),
        Style(afterComma: "", afterColon: " ", lineEnd: "\r\n", oddity: 3),
        Style(afterComma: " ", afterColon: "", lineEnd: "\n", oddity: 2),
    ]

    /// A record's fields in their order, as written and as read; nil where it is refused.
    struct Written {
        var json: String
        var fields: [String: String]?
    }

    @Test(arguments: Array(styles.indices), [UInt64(1), 2, 3, 4])
    func comesBack(style: Int, seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let written = (0..<600).map { _ in Self.record(Self.styles[style], &generator) }
        let text = Array(written.map { $0.json + Self.styles[style].lineEnd }.joined().utf8)
        let expected = written.compactMap(\.fields)
        let options = ParseOptions(ignoreFields: ["dropped"])
        for sizes in Self.pieces {
            let parsed = parse(text, options: options, pieces: sizes)
            #expect(parsed.rows.count == expected.count)
            let wrong = zip(parsed.rows, expected).enumerated().first { $1.0 != $1.1 }
            #expect(wrong == nil, "style \(style), seed \(seed), pieces \(sizes)")
            #expect(parsed.counts.rejected == written.count - expected.count)
            #expect(parsed.counts.lines == written.count)
            let first = written.firstIndex { $0.fields == nil }
            #expect(parsed.rejections.first?.line == first.map { $0 + 1 })
        }
    }

    /// Of equal keys the last wins, whatever the first was written with.
    @Test func aRepeatedKeyWins() {
        let usual = "{\"a\":\"x\",\"a\":\"y\"}\n"
        let lasts: [(json: String, value: String?)] = [
            ("\"\"", nil), ("null", nil), ("\"y\"", "y"), ("\"\\t\"", "\t"), ("7", "7"),
        ]
        for last in lasts {
            let text = usual + usual + "{\"a\":\"\\n\",\"a\":\(last.json)}\n" + usual
            let parsed = parse(text, options: ParseOptions(streamFields: ["a"]))
            #expect(parsed.rows.map { $0["a"] } == ["y", "y", last.value, "y"], "\(last.json)")
        }
    }

    static func record(_ style: Style, _ generator: inout SplitMix) -> Written {
        var fields: [(name: String, json: String, value: String)] = []
        func add(_ name: String, _ json: String, _ value: String) { fields.append((name, json, value)) }
        func number() -> String { String(Int.random(in: -5...1 << 40, using: &generator)) }
        let second = Int.random(in: 10...59, using: &generator)
        add("_time", "\"1970-01-01T00:00:\(second).5Z\"", "\(second)500000000")
        add("level", "\"info\"", "info")
        let text = String(repeating: "wörd ", count: Int.random(in: 0...30, using: &generator))
        add("_msg", "\"\(text)\\n\\\"\\u00e9\\\\\"", text + "\n\"é\\")
        if Bool.random(using: &generator) { add("a_name_longer_than_sixteen_bytes_is_one", "\"x\"", "x") }
        if Bool.random(using: &generator) { add("dropped", "\"a\\tb\"", "") }
        if Bool.random(using: &generator) {
            let (status, wait) = (number(), "0.\(Int.random(in: 1...999, using: &generator))")
            add("http", "{\"status\":\(status),\"in\":{\"wait\":\(wait)}}", "")
            fields[fields.count - 1].json = fields[fields.count - 1].json
                .replacing("\":", with: "\":" + style.afterColon).replacing(",\"", with: "," + style.afterComma + "\"")
            add("", status, "http.status")
            add("", wait, "http.in.wait")
        }
        if Bool.random(using: &generator) { add("ok", "true", "true") }
        if Bool.random(using: &generator) { add("exponent", "-1.5e+20", "-1.5e+20") }
        if Bool.random(using: &generator) { add("empty", "\"\"", "") }
        var isRefused = false
        if Int.random(in: 0..<style.oddity, using: &generator) == 0 { isRefused = addOddity(&fields, &generator) }
        return written(fields, style, isRefused)
    }

    /// Something unlike the other records; true if the record is none then.
    static func addOddity(
        _ fields: inout [(name: String, json: String, value: String)], _ generator: inout SplitMix
    ) -> Bool {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: fields.append(("list", "[1,\"]\\\"\",{\"a\":2}]", "[1,\"]\\\"\",{\"a\":2}]"))
        case 1: fields.append(("level", "null", ""))
        case 2: fields.append(("_msg", "\"again\\\\\"", "again\\"))
        case 3: fields.append(("_msg", "\"plain\"", "plain"))
        case 4: fields.append(("new\(Int.random(in: 0...50, using: &generator))", "7", "7"))
        case 5: fields.swapAt(1, 2)
        case 6: fields.append(("spaced", "  1 ", "1"))
        case 7: fields.append(("bad", "01", ""))
        case 8: fields.append(("bad", "\"\\x\"", ""))
        case 9: fields[0] = ("_time", "\"yesterday\"", "")
        case 10: fields.append(("bad", "\"never ends", ""))
        default: fields.append(("bad", "fals", ""))
        }
        return (fields.last?.name == "bad") || fields[0].json == "\"yesterday\""
    }

    static func written(
        _ fields: [(name: String, json: String, value: String)], _ style: Style, _ isRefused: Bool
    ) -> Written {
        var read: [String: String] = [:]
        for field in fields {
            // Without a name: what a nested value is read as.
            let (name, value) = field.name.isEmpty ? (field.value, field.json) : (field.name, field.value)
            if value.isEmpty { read[name] = nil } else { read[name] = value }
        }
        let json = fields.filter { !$0.name.isEmpty }.map { "\"\($0.name)\":" + style.afterColon + $0.json }
        return Written(
            json: "{" + json.joined(separator: "," + style.afterComma) + "}", fields: isRefused ? nil : read)
    }
}
