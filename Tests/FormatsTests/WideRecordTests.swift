import Bytes
import Formats
import Records
import Testing

/// Field names that never repeat cost what their bytes cost, not their number squared.
@Suite struct WideRecordTests {
    /// 100,000 names in 2,000 records: with the square of the names this would copy hundreds of gigabytes.
    @Test(.timeLimit(.minutes(20))) func namesThatNeverRepeat() {
        var text: [UInt8] = []
        for row in 0..<2_000 {
            text += Array("{\"_msg\":\"r\(row)\"".utf8)
            for field in 0..<50 { text += Array(",\"n\(row)_\(field)\":\(field)".utf8) }
            text += Array("}\n".utf8)
        }
        var parser = JSONLinesParser()
        parser.feed(text.rawSpan, arrival: 7)
        var rows = 0
        while let batch = parser.takeBatch() {
            for row in 0..<batch.rowCount {
                let name = ByteString("n\(rows)_49")
                let column = batch.columns.firstIndex { $0.name == name }
                #expect(column.map { ByteString(batch.value(row: row, column: $0)) } == "49")
                rows += 1
            }
        }
        #expect(rows == 2_000 && parser.counts.rejected == 0)
    }

    /// Records that have few of many fields: what a batch holds follows the values that there are, and none is lost
    /// however the input is cut.
    @Test(arguments: [(1_000, 5), (3_000, 40), (300, 250)])
    func memoryFollowsTheValues(names: Int, fields: Int) {
        var text: [UInt8] = []
        var expected: [[String: String]] = []
        for row in 0..<6_000 * 5 / fields {
            var record = ["_time": "\(row + 1)", "_msg": "r\(row)", "svc": "s\(row % 3)"]
            for field in 0..<fields { record["f\((row * 7 + field * 13) % names)"] = "v\(row % 11)\\n" }
            let own = record.filter { $0.key != "_time" }.map { "\"\($0.key)\":\"\($0.value)\"" }.sorted()
            text += Array("{\"_time\":\"\(row + 1)\",\(own.joined(separator: ","))}\n".utf8)
            expected.append(record.mapValues { $0.replacing("\\n", with: "\n") })
        }
        let times = { (rows: [[String: String]]) in rows.map { $0.filter { $0.key != "_time" } } }
        for pieces in [[1 << 20], [70_001, 13]] {
            #expect(times(parse(text, pieces: pieces).rows) == times(expected))
        }
        var parser = JSONLinesParser()
        var held = 0
        for start in stride(from: 0, to: text.count, by: 1 << 20) {
            parser.feed(text.rawSpan.slice(start, min(1 << 20, text.count - start)), arrival: 7)
            while parser.hasFullBatch, let batch = parser.takeBatch() { held += batch.memoryBytes }
        }
        while let batch = parser.takeBatch() { held += batch.memoryBytes }
        // A table of cells would be 12 bytes for each of names × rows.
        #expect(held < text.count * 6, "\(held) bytes for \(text.count)")
        if fields * 4 < names { #expect(held * 8 < names * expected.count * 12, "\(held) bytes") }
    }
}
