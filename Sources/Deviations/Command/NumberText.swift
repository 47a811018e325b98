import Bytes
import Statistics

/// Reads decimal numbers from bytes without making strings.
public enum NumberText {
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    ]

    /// The value of a plain decimal such as `12`, `-0.5` or `1.5e3`, spaces around it allowed; nil for anything else.
    /// Exact for up to 15 digits, otherwise within a few units of the last place. O(length).
    public static func double(_ text: RawSpan) -> Double? {
        var offset = 0
        var end = text.byteCount
        while offset < end, text[offset] == 32 { offset += 1 }
        while end > offset, text[end - 1] == 32 { end -= 1 }
        guard offset < end, end - offset <= 64 else { return nil }
        var isNegative = false
        if text[offset] == UInt8(ascii: "-") || text[offset] == UInt8(ascii: "+") {
            isNegative = text[offset] == UInt8(ascii: "-")
            offset += 1
        }
        var mantissa: UInt64 = 0
        var digits = 0
        var exponent = 0
        var isPastPoint = false
        while offset < end {
            let byte = text[offset]
            if byte >= 48 && byte <= 57 {
                if mantissa < 100_000_000_000_000_000 {
                    mantissa = mantissa * 10 + UInt64(byte - 48)
                    if isPastPoint { exponent -= 1 }
                } else if !isPastPoint {
                    exponent += 1
                }
                digits += 1
            } else if byte == UInt8(ascii: "."), !isPastPoint {
                isPastPoint = true
            } else {
                break
            }
            offset += 1
        }
        guard digits > 0 else { return nil }
        if offset < end {
            guard let written = writtenExponent(text, from: offset, to: end) else { return nil }
            exponent += written
        }
        let value = scaled(mantissa, by: exponent)
        return isNegative ? -value : value
    }

    private static func scaled(_ mantissa: UInt64, by exponent: Int) -> Double {
        let value = Double(mantissa)
        if exponent == 0 || mantissa == 0 { return value }
        if exponent < 0 && exponent >= -18 { return value / powers[-exponent] }
        if exponent > 0 && exponent <= 18 { return value * powers[exponent] }
        var result = value
        var rest = exponent.clamped(to: -400...400)
        while rest > 0 {
            result *= powers[min(rest, 18)]
            rest -= min(rest, 18)
        }
        while rest < 0 {
            result /= powers[min(-rest, 18)]
            rest += min(-rest, 18)
        }
        return result
    }

    private static func writtenExponent(_ text: RawSpan, from start: Int, to end: Int) -> Int? {
        guard text[start] | 0x20 == UInt8(ascii: "e"), start + 1 < end else { return nil }
        var offset = start + 1
        var isNegative = false
        if text[offset] == UInt8(ascii: "-") || text[offset] == UInt8(ascii: "+") {
            isNegative = text[offset] == UInt8(ascii: "-")
            offset += 1
        }
        guard offset < end, end - offset <= 4 else { return nil }
        var value = 0
        while offset < end {
            guard text[offset] >= 48, text[offset] <= 57 else { return nil }
            value = value * 10 + Int(text[offset] - 48)
            offset += 1
        }
        return isNegative ? -value : value
    }
}
