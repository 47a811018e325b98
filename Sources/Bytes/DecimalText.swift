/// Integers as text, the way every system prints them: no leading zeros, no plus sign, no minus zero.
public enum DecimalText {
    /// The integer whose canonical decimal form the bytes are; nil for any other text and beyond 64 bits. O(length).
    @inlinable
    public static func canonicalInteger(_ bytes: RawSpan) -> Int64? {
        let count = bytes.byteCount
        guard count > 0, count <= 20 else { return nil }
        let negative = bytes[0] == UInt8(ascii: "-")
        let start = negative ? 1 : 0
        guard count > start, count - start <= 19 else { return nil }
        if bytes[start] == UInt8(ascii: "0") { return count == 1 ? 0 : nil }
        var value: UInt64 = 0
        for offset in start..<count {
            let digit = bytes[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            // Nineteen digits stay below 10^19, which fits.
            value = value &* 10 &+ UInt64(digit)
        }
        if negative {
            guard value <= 1 << 63 else { return nil }
            return Int64(bitPattern: 0 &- value)
        }
        return value < 1 << 63 ? Int64(value) : nil
    }

    /// Decimal digits of a value; 1 for 0.
    @inlinable
    public static func digitCount(_ value: UInt64) -> Int {
        var count = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }

    /// Appends an unsigned integer, padded with zeros to `width` digits. O(digits).
    @inlinable
    public static func append(_ value: UInt64, width: Int = 1, to output: inout [UInt8]) {
        let count = max(width, digitCount(value))
        let start = output.count
        for _ in 0..<count { output.append(UInt8(ascii: "0")) }
        var rest = value
        var position = start + count - 1
        while rest > 0 {
            output[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            position -= 1
        }
    }

    /// Appends the canonical decimal form. O(digits).
    @inlinable
    public static func append(_ value: Int64, to output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        append(value.magnitude, to: &output)
    }

    /// Appends `scaled` / 10^`most` with at least `fewest` fraction digits, its trailing zeros beyond them left out.
    /// 0 <= `fewest` <= `most` <= 18. O(digits).
    public static func append(scaled: Int64, fewest: Int, most: Int, to output: inout [UInt8]) {
        var digits = most
        var rest = scaled.magnitude
        while digits > fewest, rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        if scaled < 0 { output.append(UInt8(ascii: "-")) }
        var divisor: UInt64 = 1
        for _ in 0..<digits { divisor *= 10 }
        append(rest / divisor, to: &output)
        guard digits > 0 else { return }
        output.append(UInt8(ascii: "."))
        append(rest % divisor, width: digits, to: &output)
    }
}
