import Bytes

extension NumericText {
    /// `1h33m55s`, `-2.5d`: decimals with `ns`, `µs`, `us`, `ms`, `s`, `m`, `h`, `d`, `w` or `y` (365 days), in
    /// nanoseconds. A minus sign alone is none of anything: 0. Nil also if it does not fit.
    public static func duration(_ text: RawSpan) -> Int64? {
        var index = 0
        let isNegative = text.byteCount > 0 && text[0] == UInt8(ascii: "-")
        if isNegative { index = 1 }
        guard text.byteCount > 0 else { return nil }
        var sum: Int64 = 0
        while index < text.byteCount {
            guard text[index].isDigit || text[index] == UInt8(ascii: "_"),
                let part = durationPart(text, from: &index)
            else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(part)
            guard !overflow else { return nil }
            sum = next
        }
        return isNegative ? -sum : sum
    }

    /// One decimal with its unit. Whole numbers are exact; fractions go through a double.
    private static func durationPart(_ text: RawSpan, from index: inout Int) -> Int64? {
        var scanner = DecimalScanner()
        guard let end = scanner.scan(text, from: index), isPlain(text, from: index, to: end),
            let unit = durationUnit(text, at: end)
        else { return nil }
        defer { index = end + unit.length }
        guard let number = scanner.value(of: text, to: end) else { return nil }
        if number == number.rounded(.down), number < 0x1p53 {
            let (product, overflow) = Int64(number).multipliedReportingOverflow(by: unit.nanoseconds)
            return overflow ? nil : product
        }
        let product = (number * Double(unit.nanoseconds)).rounded(.towardZero)
        return product < 0x1p63 ? Int64(product) : nil
    }

    private static func durationUnit(_ text: RawSpan, at start: Int) -> (length: Int, nanoseconds: Int64)? {
        guard start < text.byteCount else { return nil }
        let second = start + 1 < text.byteCount ? text[start + 1] : 0
        let hasS = second == UInt8(ascii: "s")
        switch text[start] {
        case UInt8(ascii: "n") where hasS: return (2, 1)
        case UInt8(ascii: "u") where hasS: return (2, 1_000)
        // U+00B5 MICRO SIGN and U+03BC GREEK SMALL LETTER MU look alike, and both are typed.
        case 0xC2 where second == 0xB5, 0xCE where second == 0xBC:
            guard start + 2 < text.byteCount, text[start + 2] == UInt8(ascii: "s") else { return nil }
            return (3, 1_000)
        case UInt8(ascii: "m"): return hasS ? (2, 1_000_000) : (1, 60_000_000_000)
        case UInt8(ascii: "s"): return (1, 1_000_000_000)
        case UInt8(ascii: "h"): return (1, 3_600_000_000_000)
        case UInt8(ascii: "d"): return (1, 86_400_000_000_000)
        case UInt8(ascii: "w"): return (1, 604_800_000_000_000)
        case UInt8(ascii: "y"): return (1, 31_536_000_000_000_000)
        default: return nil
        }
    }
}
