import Bytes
import Records
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"),
        (1_772_445_600_250_000_000, "2026-03-02T10:00:00.25Z"),
        (951_782_400_000_001_000, "2000-02-29T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (Int64.max, "2262-04-11T23:47:16.854775807Z"),
        (Int64.min, "1677-09-21T00:12:43.145224192Z"),
    ])
    func printsAsRFC3339(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
    }

    @Test func everyDayOfEightCenturiesComesBack() {
        for day in stride(from: Int64(-150_000), through: 150_000, by: 1) {
            let date = CivilDate(daysSinceEpoch: day)
            if date.daysSinceEpoch != day || !(1...12).contains(date.month)
                || date.day > CivilDate.days(inMonth: date.month, ofYear: date.year)
            {
                Issue.record("day \(day) came back as \(date)")
                return
            }
        }
    }
}

@Suite struct BatchTests {
    @Test func rowsBecomeColumnsWithGaps() throws {
        let batch = RecordBatch(rows: [
            (time: 1, fields: [("a", "x")]), (time: 2, fields: [("b", "y")]),
            (time: 3, fields: [("a", "z"), ("b", "")]),
        ])
        let block = BatchBlock(batch)
        #expect(block.columnNames == ["a", "b"])
        #expect((0..<3).map { block.column("a").value($0) } == ["x", "", "z"])
        #expect((0..<3).map { block.column("b").value($0) } == ["", "y", ""])
        #expect(block.column("c").value(2) == "")
        #expect(block.timeRange == 1...3)
        let again = try RecordBatch(block)
        #expect(BatchBlock(again).column("a").value(2) == "z")
    }

    @Test(arguments: [
        ("trace_id", true), ("traceId", true), ("http.request-id", true), ("X-Request-Id", true),
        ("correlation_id", true),
        ("video", false), ("grid", false), ("status", false),
    ])
    func identifierNames(name: String, isOne: Bool) {
        #expect(IdentifierField.isNamedLikeOne(ByteString(name)) == isOne)
    }

    @Test(arguments: [
        ("ABCDEF01", "abcdef01"), ("123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"),
        ("REQ-77x", "REQ-77x"),
    ])
    func identifiersAreFolded(id: String, folded: String) {
        #expect(IdentifierField.normalized(ByteString(id)) == ByteString(folded))
    }
}
