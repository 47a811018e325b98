import Bytes
import QueryLanguage
import Records

/// Numbers as LogsQL prints them.
enum NumberText {
    /// Shortest digits that read back as the same value, never with an exponent; whole numbers without a point; `NaN`,
    /// `+Inf`, `-Inf`.
    static func append(_ value: Double, to output: inout [UInt8]) {
        if value.isNaN { return output.append(contentsOf: "NaN".utf8) }
        if value.isInfinite { return output.append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8) }
        if value == value.rounded(.towardZero), abs(value) < 9.0e15 {
            if value == 0, value.sign == .minus { output.append(UInt8(ascii: "-")) }
            return append(Int64(value), to: &output)
        }
        appendExpanded(value.description, to: &output)
    }

    /// Writes `1.5e+20` or `1.5e-07` out in full.
    private static func appendExpanded(_ text: String, to output: inout [UInt8]) {
        let bytes = Array(text.utf8)
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "e")) else {
            let whole =
                bytes.count > 2 && bytes[bytes.count - 2] == UInt8(ascii: ".")
                && bytes[bytes.count - 1] == UInt8(ascii: "0")
            return output.append(contentsOf: whole ? bytes.dropLast(2) : bytes[...])
        }
        let exponent = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self)) ?? 0
        var digits = bytes[..<mark]
        if digits.first == UInt8(ascii: "-") {
            output.append(UInt8(ascii: "-"))
            digits = digits.dropFirst()
        }
        let point = digits.firstIndex(of: UInt8(ascii: "."))
        let wholeCount = digits.distance(from: digits.startIndex, to: point ?? digits.endIndex)
        var significant = digits.filter { $0 != UInt8(ascii: ".") }
        while significant.count > wholeCount, significant.last == UInt8(ascii: "0") { significant.removeLast() }
        let position = wholeCount + exponent
        if position <= 0 {
            output.append(contentsOf: "0.".utf8)
            output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -position))
            output.append(contentsOf: significant)
        } else if position >= significant.count {
            output.append(contentsOf: significant)
            output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: position - significant.count))
        } else {
            output.append(contentsOf: significant[..<position])
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: significant[position...])
        }
    }

    /// Decimal digits of an integer.
    static func append(_ value: Int64, to output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        append(value.magnitude, to: &output)
    }

    static func append(_ value: UInt64, to output: inout [UInt8]) {
        let start = output.count
        var rest = value
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }

    static func text(_ value: Double) -> ByteString {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return ByteString(bytes)
    }

    static func text(_ value: Int) -> ByteString {
        var bytes: [UInt8] = []
        append(Int64(value), to: &bytes)
        return ByteString(bytes)
    }

    /// Nanoseconds as a duration: `1h2m3.5s`, `12ms`, `0`.
    static func appendDuration(_ nanoseconds: Int64, to output: inout [UInt8]) {
        DurationText.append(nanoseconds, to: &output)
    }

    /// Nanoseconds since the epoch as RFC 3339.
    static func time(_ nanoseconds: Int64) -> ByteString {
        var bytes: [UInt8] = []
        Timestamp(nanoseconds: nanoseconds).appendRFC3339(to: &bytes)
        return ByteString(bytes)
    }

    /// The same with exactly three digits of fraction.
    static func milliseconds(_ nanoseconds: Int64) -> ByteString {
        var bytes = time(nanoseconds / 1_000_000_000 * 1_000_000_000).bytes.dropLast() + [UInt8(ascii: ".")]
        let digits = String(nanoseconds / 1_000_000 % 1_000)
        bytes += Array((String(repeating: "0", count: 3 - digits.count) + digits + "Z").utf8)
        return ByteString(Array(bytes))
    }

    /// Four decimal parts of an address.
    static func appendIPv4(_ address: UInt32, to output: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] {
            append(UInt64(address >> shift & 0xFF), to: &output)
            if shift > 0 { output.append(UInt8(ascii: ".")) }
        }
    }
}
