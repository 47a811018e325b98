import Bytes
import Formats
import Records
import TestSupport
import Testing

@Suite struct TimestampTextTests {
    static let base: Int64 = 1_772_445_600_000_000_000

    static let readable: [(String, Int64)] = [
        ("2026-03-02T10:00:00Z", base), ("2026-03-02T10:00:00z", base), ("2026-03-02 10:00:00", base),
        ("2026-03-02T10:00", base), ("2026-03-02T10:00Z", base), ("2026-03-02T12:00:00+02:00", base),
        ("2026-03-02T05:30:00-0430", base), ("2026-03-02T12:00:00+02", base), ("2026-03-02 10:00:00 UTC", base),
        ("2026-03-02 12:00:00 +0200", base), ("2026-03-02T10:00:00.5Z", base + 500_000_000),
        ("2026-03-02T10:00:00,123", base + 123_000_000), ("2026-03-02T10:00:00.123456789Z", base + 123_456_789),
        ("2026-03-02T10:00:00.1234567899Z", base + 123_456_789), ("2026-03-02", base - 36_000_000_000_000),
        ("1772445600", base), ("1772445600.25", base + 250_000_000), ("1772445600000", base),
        ("1772445600000.5", base + 500_000), ("1772445600000000", base), ("1772445600000000001", base + 1),
        ("1.7724456e9", base), ("-1", -1_000_000_000), ("0", 0), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
    ]

    /// Times of the day that was read last take another course if they end with `Z`: with any digits, and with any byte
    /// of them spoilt, they are what they are with another form of the same offset.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func usualTimesAreThoseOfOthers(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var clock = TimestampText()
        #expect(clock.parse(Array("2026-03-02".utf8).rawSpan) == Self.base - 36_000_000_000_000)
        var refused = 0
        for _ in 0..<20_000 {
            let parts = (0..<3).map { String(100 + Int.random(in: 0...($0 == 0 ? 24 : 60), using: &generator)) }
            let fraction = (0..<Int.random(in: 0...10, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }
            var text = Array(
                ("2026-03-02T" + parts.map { $0.dropFirst() }.joined(separator: ":") + "." + fraction.joined()).utf8)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                // A space would part the other form's offset from the time.
                text[Int.random(in: 0..<text.count, using: &generator)] = UInt8.random(in: 33...255, using: &generator)
            }
            let usual = clock.parse((text + Array("Z".utf8)).rawSpan)
            var other = TimestampText()
            #expect(usual == other.parse((text + Array("+00:00".utf8)).rawSpan), "\(ByteString(text).string)")
            refused += usual == nil ? 1 : 0
        }
        #expect(refused > 1_000 && refused < 10_000)
    }

    @Test(arguments: readable)
    func reads(text: String, nanoseconds: Int64) {
        var clock = TimestampText()
        #expect(clock.parse(Array(text.utf8).rawSpan) == nanoseconds)
        #expect(clock.parse(Array(text.utf8).rawSpan) == nanoseconds)
    }

    @Test(arguments: [
        "", "x", "-", ".", "1.", "2026-02-29T00:00:00Z", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32",
        "2026-03-02T",
        "2026-03-02T24:00:00Z", "2026-03-02T10:60:00Z", "2026-03-02T10:00:61Z", "2026-03-02T10:00:00.Z",
        "2026-03-02T10:00:00+",
        "2026-03-02T10:00:00+2:00", "2026-03-02T10:00:00ZZ", "2026-03-02T10:00:0", "2026-03-02x10:00:00", "0000-01-01",
        "9999-12-31T00:00:00Z", "99999999999999999999", "12345678901234567890123", "1e400", "1e18e", "2026-03-0",
        "20a6-03-02",
    ])
    func refuses(text: String) {
        var clock = TimestampText()
        #expect(clock.parse(Array(text.utf8).rawSpan) == nil)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func readsWhatTimestampPrints(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var clock = TimestampText()
        for _ in 0..<2000 {
            let time = Timestamp(
                nanoseconds: Int64.random(in: -9_214_000_000_000_000_000...9_214_000_000_000_000_000, using: &generator)
            )
            #expect(clock.parse(Array(time.description.utf8).rawSpan) == time.nanoseconds, "seed \(seed), \(time)")
        }
    }
}
