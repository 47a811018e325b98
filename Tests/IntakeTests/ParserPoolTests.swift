import Bytes
import Formats
import Intake
import Records
import TestSupport
import Testing

/// A parser that has served one sender must read the next one's records as a new one would.
@Suite struct ParserPoolTests {
    private func rows(_ parser: inout JSONLinesParser, _ text: String, isWhole: Bool = true) -> [String] {
        parser.feed(ByteString(text).bytes.rawSpan, arrival: 7)
        if isWhole { parser.finish(arrival: 7) }
        var rows: [String] = []
        while let batch = parser.takeBatch() {
            for row in 0..<batch.rowCount {
                let fields = batch.columns.indices.map { column in
                    let value = ByteString(batch.value(row: row, column: column))
                    return value.isEmpty ? "" : "\(batch.columns[column].name.string)=\(value.string)"
                }
                rows.append("\(batch.times[row]) " + fields.filter { !$0.isEmpty }.sorted().joined(separator: " "))
            }
        }
        return rows
    }

    @Test func usedParsersReadLikeNewOnes() {
        let pool = ParserPool()
        let options = ParseOptions(
            timeField: "at", messageField: nil, streamFields: "app", ignoreFields: "secret*",
            extraFields: "zone=a")
        var random = SplitMix(seed: 3)
        let names = ["app", "secret_key", "n", "user", "msg", "deep", "ms"]
        for round in 0..<60 {
            let lines = (0..<Int.random(in: 0..<400, using: &random)).map { line in
                let fields = names.filter { _ in Bool.random(using: &random) }.map { name in
                    name == "deep" ? #""deep":{"x":"\#(line % 7)"}"# : #""\#(name)":"\#(name)\#(line % 5)""#
                }
                if line % 41 == 40 { return "broken \(round)" }
                return #"{"at":"2026-01-0\#(line % 9 + 1)T00:00:00Z"\#(fields.map { ",\($0)" }.joined())}"#
            }
            let text = lines.joined(separator: "\n")
            var used = pool.take(options)
            var new = JSONLinesParser(options: options)
            #expect(rows(&used, text) == rows(&new, text))
            #expect(used.counts == new.counts)
            #expect(used.takeRejections() == new.takeRejections())
            #expect(used.recordsTaken == new.recordsTaken)
            pool.giveBack(used)
        }
    }

    @Test func halfALineAndOtherOptionsStayBehind() {
        let pool = ParserPool()
        var first = pool.take(ParseOptions())
        #expect(
            rows(&first, #"{"_msg":"whole","_time":"1970-01-01T00:00:01Z"}"# + "\n{\"_msg\":\"ha", isWhole: false).count
                == 1)
        pool.giveBack(first)
        var second = pool.take(ParseOptions())
        #expect(rows(&second, "{\"a\":\"b\"}\n") == ["7 a=b"])
        pool.giveBack(second)
        var third = pool.take(
            ParseOptions(
                timeField: nil, messageField: "a", streamFields: nil, ignoreFields: nil,
                extraFields: nil))
        #expect(rows(&third, "{\"a\":\"b\"}\n") == ["7 _msg=b"])
        var tenant = pool.take(ParseOptions(tenant: Tenant(account: 1, project: 2)))
        tenant.feed(ByteString("{\"a\":\"b\"}\n").bytes.rawSpan, arrival: 7)
        #expect(tenant.takeBatch()?.tenant == Tenant(account: 1, project: 2))
    }

    /// Rows that nobody took must not turn up in another sender's request.
    @Test func parsersWithRowsAreNotKept() {
        let pool = ParserPool()
        var first = pool.take(ParseOptions())
        first.feed(ByteString("{\"_msg\":\"lost\"}\n").bytes.rawSpan, arrival: 7)
        pool.giveBack(first)
        var second = pool.take(ParseOptions())
        #expect(second.takeBatch() == nil)
    }
}
