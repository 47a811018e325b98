import Bytes
import QueryLanguage

/// Texts as the numbers that LogsQL sees in them. Each function takes the whole text or answers nil.
enum NumberParser {
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21,
        1e22,
    ]

    /// A decimal integer without leading zeros or sign `+`, so that its digits print back the same.
    static func canonicalInteger(_ text: RawSpan) -> Int64? {
        let count = text.byteCount
        guard count > 0, count <= 20 else { return nil }
        let negative = text[0] == UInt8(ascii: "-")
        let first = negative ? 1 : 0
        guard first < count else { return nil }
        if text[first] == UInt8(ascii: "0") { return count == 1 ? 0 : nil }
        var value: UInt64 = 0
        for index in first..<count {
            let digit = text[index] &- 48
            guard digit < 10 else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carried) = scaled.addingReportingOverflow(UInt64(digit))
            if overflow || carried { return nil }
            value = next
        }
        if negative { return value <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
        return Int64(exactly: value)
    }

    /// A plain decimal number: `12`, `-1.5`, `2e3`. No `NaN`, infinity, hex or spaces.
    static func plain(_ text: RawSpan) -> Double? {
        let count = text.byteCount
        guard count > 0 else { return nil }
        let negative = text[0] == UInt8(ascii: "-")
        var at = negative ? 1 : 0
        var mantissa: UInt64 = 0
        var digits = 0
        var fraction = -1
        while at < count {
            let byte = text[at]
            if byte &- 48 < 10 {
                if digits < 18 { mantissa = mantissa * 10 + UInt64(byte &- 48) }
                digits += 1
                if fraction >= 0 { fraction += 1 }
            } else if byte == UInt8(ascii: "."), fraction < 0 {
                fraction = 0
            } else if byte | 0x20 == UInt8(ascii: "e"), digits > 0 {
                return slow(text)
            } else {
                return nil
            }
            at += 1
        }
        guard digits > 0 else { return nil }
        if digits > 18 || mantissa > 1 << 53 || fraction > 22 { return slow(text) }
        let value = fraction > 0 ? Double(mantissa) / powersOfTen[fraction] : Double(mantissa)
        return negative ? -value : value
    }

    private static func slow(_ text: RawSpan) -> Double? {
        guard let value = Double(ByteString(text).string), value.isFinite else { return nil }
        return value
    }

    /// A number, a duration (in nanoseconds), or a size such as `10KiB`.
    static func number(_ text: RawSpan) -> Double? {
        guard text.byteCount > 0 else { return nil }
        if text[text.byteCount - 1] &- 48 < 10, let number = plain(text) { return number }
        return mayBeNumber(text[0]) ? NumericText.number(text) : nil
    }

    /// Whatever arithmetic takes: a number, a duration, a size, an IPv4 address or an RFC 3339 time (nanoseconds).
    static func anyNumeric(_ text: RawSpan) -> Double? {
        guard text.byteCount > 0 else { return nil }
        guard mayBeNumber(text[0]) else { return nil }
        return plain(text) ?? NumericText.value(text)
    }

    /// A digit, a sign, a point, an underscore, or the first letter of `Inf`.
    @inline(__always)
    private static func mayBeNumber(_ first: UInt8) -> Bool {
        first &- 48 < 10 || first == UInt8(ascii: "-") || first == UInt8(ascii: ".") || first == UInt8(ascii: "+")
            || first == UInt8(ascii: "_") || first | 0x20 == UInt8(ascii: "i")
    }

    /// Nanoseconds of `1h33m55.5s`, `-5m`, `2w`.
    static func duration(_ text: RawSpan) -> Int64? { NumericText.duration(text) }

    /// The address as a number, first part highest.
    static func ipv4(_ text: RawSpan) -> UInt32? { NumericText.ipv4(text) }

    /// Nanoseconds since the epoch of an RFC 3339 time.
    static func time(_ text: RawSpan) -> Int64? { TimeText.timestamp(text) }
}
