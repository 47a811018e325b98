import Bytes
import Formats
import Records
import Testing

/// What the parser says of recurring values must agree with the values.
@Suite struct ColumnCodingTests {
    @Test(arguments: [1, 300, 700, 40_000])
    func codesNameTheValues(rows: Int) {
        var lines: [UInt8] = []
        for row in 0..<rows {
            var line = "{\"_time\":\"\(row + 1)\",\"level\":\"\(row % 3 == 0 ? "warn" : "info")\",\"unique\":\(row)"
            line += ",\"one\":\"always the same text, longer than a register\",\"trace\":\"t-\(row / 8)\""
            if row % 5 == 0 { line += ",\"sparse\":\"\(row % 35)\"" }
            if row > 500 { line += ",\"late\":\"line\\n\(row % 17)\"" }
            if row % 2 == 0 { line += ",\"empty\":\"\"" }
            lines += Array((line + "}\n").utf8)
            if row % 11 == 0 { lines += Array("{\"level\":\"lost\",\"broken\"}\n".utf8) }
        }
        for batch in batches(lines) { expectConsistent(batch) }
        let last = batches(lines).last!
        let names = rows < 512 ? ["level"] : ["level", "one", "trace", "sparse", "late"]
        for name in names where rows > 1 {
            #expect(last.columns[last.columnIndex(ByteString(name))!].recurrence.coding != nil, "\(name)")
        }
        if rows > 1_000 {
            #expect(last.columns[last.columnIndex("unique")!].recurrence.isRare)
            #expect(batches(lines).reduce(0) { $0 + $1.arena.count } < lines.count / 4)
        }
    }

    /// Values that meet in one slot of a table, and values that share their first and last bytes.
    @Test func similarValuesStayApart() {
        var lines: [UInt8] = []
        for row in 0..<5_000 {
            let value = "abcdefgh\(String(repeating: "-", count: row % 40))\(row % 1_000)12345678"
            lines += Array("{\"_time\":\"1\",\"v\":\"\(value)\",\"w\":\(row % 900)}\n".utf8)
        }
        var row = 0
        for batch in batches(lines) {
            expectConsistent(batch)
            let column = batch.columnIndex("v")!
            for place in 0..<batch.rowCount {
                let value = "abcdefgh\(String(repeating: "-", count: row % 40))\(row % 1_000)12345678"
                #expect(ByteString(batch.value(row: place, column: column)).string == value)
                row += 1
            }
        }
        #expect(row == 5_000)
    }

    @Test func whatIsKnownGoesWhenTheRowsChange() {
        var batch = batches(Array("{\"_time\":\"1\",\"a\":\"x\"}\n{\"_time\":\"2\",\"a\":\"x\"}\n".utf8))[0]
        #expect(batch.columns[0].recurrence.coding?.values.count == 1)
        batch.columns[0].slices[1] = .missing
        #expect(batch.columns[0].recurrence.coding == nil)
        #expect(batch.columns[0].valueBytes == 1)
    }

    private func batches(_ lines: [UInt8]) -> [RecordBatch] {
        var parser = JSONLinesParser()
        var batches: [RecordBatch] = []
        var start = 0
        while start < lines.count {
            let end = min(start + 100_000, lines.count)
            parser.feed(lines.rawSpan.slice(start, end - start), arrival: 7)
            start = end
            while parser.hasFullBatch, let batch = parser.takeBatch() { batches.append(batch) }
        }
        while let batch = parser.takeBatch() { batches.append(batch) }
        return batches
    }

    private func expectConsistent(_ batch: RecordBatch) {
        for column in batch.columns {
            let bytes = column.slices.reduce(0) { $0 + Int($1.length) }
            #expect(column.valueBytes == bytes, "\(column.name.string)")
            guard let coding = column.recurrence.coding else { continue }
            #expect(coding.missing == column.slices.count { $0.length == 0 })
            #expect(coding.codes.map { coding.values[Int($0)] } == column.slices, "\(column.name.string)")
            var counts = [UInt32](repeating: 0, count: coding.values.count)
            for code in coding.codes { counts[Int(code)] += 1 }
            #expect(counts == coding.counts)
            let texts = coding.values.map { ByteString(batch.arena[$0.range]) }
            #expect(Set(texts).count == texts.count)
        }
    }
}
