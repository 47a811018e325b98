import Bytes
import Formats
import Records
import Testing

/// Field names that never repeat cost what their bytes cost, not their number squared.
@Suite struct WideRecordTests {
    /// 100,000 names in 2,000 records: with the square of the names this would copy hundreds of gigabytes.
    @Test(.timeLimit(.minutes(1))) func namesThatNeverRepeat() {
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
}
