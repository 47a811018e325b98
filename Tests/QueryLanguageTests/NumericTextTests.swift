import Bytes
import QueryLanguage
import TestSupport
import Testing

@Suite struct NumericTextTests {
    static let values: [(String, Double?)] = [
        ("0", 0), ("-12", -12), ("+7", 7), ("1_234_567", 1_234_567), ("1.234_567", 1.234567), (".5", 0.5), ("5.", 5),
        ("1e9", 1e9), ("1.5E-3", 0.0015), ("1K", 1e3), ("1.5KB", 1500), ("1Ki", 1024), ("2MiB", 2_097_152),
        ("1TiB", 1_099_511_627_776),
        ("3G", 3e9), ("10B", 10), ("5m", 3e11), ("1h33m55s", 5.635e12), ("1.5µs", 1500), ("2μs", 2000),
        ("-1.5s", -1.5e9), ("7ns", 7),
        ("1w", 6.048e14), ("1y", 3.1536e16), ("1.2.3.4", 16_909_060), ("255.255.255.255", 4_294_967_295),
        ("2024-05-15T12:00:00Z", 1_715_774_400e9), ("2024-05-15T12:00:00.5+02:00", 1_715_767_200.5e9),
        ("", nil), ("-", 0), ("_", 0), (".", nil), ("_1", 1), ("a", nil), ("1a", nil), ("1 ", nil), ("1.2.3", nil),
        ("1.2.3.256", nil), ("1..2", nil),
        ("5mm", nil), ("1h5", nil), ("e5", nil), ("1e", nil), ("2024-13-01T00:00:00Z", nil),
        ("2023-02-29T00:00:00Z", nil), ("1KiBB", nil),
        ("Inf", .infinity), ("Infinity", nil), ("NaN", nil), ("0x10", 16), ("1e400", nil),
        ("1MiB500KiB", 1_560_576), ("10KB1", 10_001), ("-1KB", -1000), (".5m", nil),
        ("99999999999999999999", 1e20),
    ]

    @Test(arguments: values) func value(_ text: String, expected: Double?) {
        #expect(NumericText.value(Array(text.utf8).rawSpan) == expected)
    }

    static let literals: [(String, Double)] = [
        ("Inf", Double.infinity), ("-inf", -Double.infinity), ("0xff", 255), ("0b101", 5), ("0o17", 15), ("1_0", 10),
    ]

    @Test(arguments: literals)
    func literal(_ text: String, expected: Double) {
        #expect(NumericText.value(Array(text.utf8).rawSpan) == expected)
    }

    @Test(arguments: [
        ("18446744073709551615", UInt64.max), ("1_000", 1000), ("5K", 5000), ("0xFF", 255), ("017", 15), ("Inf", .max),
        ("1h", 3_600_000_000_000), ("0", 0),
    ])
    func count(_ text: String, expected: UInt64) {
        #expect(NumericText.count(Array(text.utf8).rawSpan) == expected)
    }

    @Test(arguments: ["18446744073709551616", "-1", "1.5", "", "x", "1e3", "5.", "+5"]) func noCount(_ text: String) {
        #expect(NumericText.count(Array(text.utf8).rawSpan) == nil)
    }

    /// Against the standard library's reader, on decimals of every length.
    @Test func decimalsAreReadToTheLastBit() {
        var random = SplitMix(seed: 7)
        for _ in 0..<20_000 {
            var text = random.chance(30) ? "-" : ""
            for _ in 0...random.below(22) { text += "\(random.below(10))" }
            if random.chance(60) {
                text += "."
                for _ in 0..<random.below(22) { text += "\(random.below(10))" }
            }
            if random.chance(20) { text += "e\(random.below(60) - 30)" }
            let expected = Double(text.hasSuffix(".") ? text + "0" : text.replacing(".e", with: ".0e"))
            #expect(NumericText.decimal(Array(text.utf8).rawSpan) == expected, "\(text)")
        }
    }
}
