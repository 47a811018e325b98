import Bytes
import Records
import Testing

@Suite struct BatchJoinTests {
    /// Batches with columns of their own and shared ones, dense and thin, against the same rows built one by one.
    @Test(arguments: 1...12 as ClosedRange<Int>)
    func rowsStandAsTheyCame(seed: Int) {
        var rows: [(time: Int64, fields: [(String, String)])] = []
        var join: BatchJoin?
        for number in 0..<(seed * 3) {
            let own = (0..<(number * seed % 29 + 1)).map { row -> (time: Int64, fields: [(String, String)]) in
                var fields = [("a", "a\(row)")]
                if number % 3 == 0 { fields.append(("every third", "\(number)")) }
                if row % 9 == seed % 9 { fields.append(("thin", "t\(row)")) }
                fields.append(("own \(number)", row % 2 == 0 ? "x" : ""))
                return (Int64(rows.count + row), fields)
            }
            rows += own
            var batch = RecordBatch(rows: own)
            for (position, column) in batch.columns.enumerated() {
                guard let few = SparseSlices(column.slices) else { continue }
                batch.columns[position] = RecordBatch.Column(name: column.name, few: few)
            }
            if join == nil { join = BatchJoin(batch) } else { join!.append(batch) }
        }
        let joined = join!.joined()
        let expected = RecordBatch(rows: rows)
        #expect(joined.times == expected.times && Set(joined.columns.map(\.name)) == Set(expected.columns.map(\.name)))
        #expect(joined.valueBytes == expected.valueBytes)
        for (position, column) in expected.columns.enumerated() {
            let own = joined.columnIndex(column.name)!
            #expect(joined.columns[own].slices.count == rows.count)
            for row in rows.indices {
                let value = ByteString(joined.value(row: row, column: own))
                #expect(value == ByteString(expected.value(row: row, column: position)), "\(column.name) of row \(row)")
            }
        }
    }

    /// A thousand batches of a row, each with a name of its own: as a table they would be eight megabytes.
    @Test func namesThatNeverRepeatCostTheirValues() {
        var join: BatchJoin?
        for row in 0..<1_000 {
            let batch = RecordBatch(rows: [(time: Int64(row), fields: [("all", "x"), ("own \(row)", "y")])])
            if join == nil { join = BatchJoin(batch) } else { join!.append(batch) }
        }
        let joined = join!.joined()
        #expect(joined.columns.count == 1_001 && joined.rowCount == 1_000)
        #expect(joined.memoryBytes < 400_000, "\(joined.memoryBytes) bytes")
    }

    @Test(arguments: [1, 7, 8, 9, 64, 1_000]) func sparseSlicesAnswerByRow(rows: Int) {
        let all = (0..<rows).map { row in
            row % 3 == 2 ? RecordBatch.Slice(offset: UInt32(row), length: 1) : .missing
        }
        guard let few = SparseSlices(all) else {
            #expect(all.count { $0.length > 0 } * 2 >= rows)
            return
        }
        #expect(few.spread == all && (0..<rows).map { few[$0] } == all)
        for range in [0..<rows, rows / 3..<rows, rows / 3..<(rows / 3 + (rows + 1) / 2)] {
            var found: [Int] = []
            few.visit(in: range) { row, slice in
                #expect(slice == all[row])
                found.append(row)
            }
            #expect(found == range.filter { all[$0].length > 0 })
        }
    }
}
