import Bytes
import Testing
import Traces

@Suite struct WaterfallTests {
    private func record(_ milliseconds: Int64, _ fields: [(String, String)]) -> TraceRecord {
        TraceRecord(time: milliseconds * 1_000_000, fields: fields.map { (ByteString($0.0), ByteString($0.1)) })
    }

    @Test func childrenFollowTheirParentByStart() {
        let waterfall = Waterfall([
            record(40, [("service", "db"), ("span_id", "c"), ("parent_span_id", "b"), ("duration_ms", "10")]),
            record(100, [("service", "gateway"), ("span_id", "a"), ("duration_ms", "100")]),
            record(20, [("service", "auth"), ("span_id", "d"), ("parent_span_id", "a"), ("duration_ms", "15")]),
            record(60, [("service", "catalog"), ("span_id", "b"), ("parent_span_id", "a"), ("duration_ms", "35.5")]),
            record(50, [("service", "catalog"), ("span_id", "b"), ("_msg", "cache miss")]),
        ])
        #expect(waterfall.rows.map(\.service) == ["gateway", "auth", "catalog", "db", "catalog"])
        #expect(waterfall.rows.map(\.depth) == [0, 1, 1, 2, 2])
        #expect(waterfall.start == 0 && waterfall.end == 100_000_000)
        #expect(waterfall.rows[2].start == 24_500_000)
        #expect(waterfall.services == ["gateway", "auth", "catalog", "db"])
    }

    @Test func recordsThatNameEachOtherInACircleAreAllShown() {
        let waterfall = Waterfall([
            record(1, [("span_id", "a"), ("parent_span_id", "b")]),
            record(2, [("span_id", "b"), ("parent_span_id", "a")]),
            record(3, [("span_id", "e"), ("parent_span_id", "e")]),
        ])
        #expect(waterfall.rows.map(\.record).sorted() == [0, 1, 2])
    }

    @Test(arguments: ["-5", "nan", "1e300", "", "abc"])
    func aSenselessDurationDrawsAMoment(duration: String) {
        let waterfall = Waterfall([record(7, [("duration_ms", duration)])])
        #expect(waterfall.start == waterfall.end)
        #expect(waterfall.lines(columns: 80, colored: false).count == 1)
    }
}
