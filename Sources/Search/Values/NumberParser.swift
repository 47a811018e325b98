import Bytes
import Records

/// Texts as the numbers that LogsQL sees in them. Each function takes the whole text or answers nil.
enum NumberParser {
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
        1e22,
    ]

    /// A decimal integer without leading zeros or sign `+`, so that its digits print back the same.
    static func canonicalInteger(_ text: borrowing RawSpan) -> Int64? {
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
    static func plain(_ text: borrowing RawSpan) -> Double? {
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

    private static func slow(_ text: borrowing RawSpan) -> Double? {
        guard let value = Double(ByteString(text).string), value.isFinite else { return nil }
        return value
    }

    /// A number, a duration (in nanoseconds), or a size such as `10KiB`: what comparisons and arithmetic take.
    static func number(_ text: borrowing RawSpan) -> Double? {
        guard text.byteCount > 0 else { return nil }
        let last = text[text.byteCount - 1]
        if last &- 48 < 10 || last == UInt8(ascii: ".") { return plain(text) }
        let first = text[0]
        guard first &- 48 < 10 || first == UInt8(ascii: "-") || first == UInt8(ascii: ".") else { return nil }
        return size(text) ?? duration(text).map(Double.init)
    }

    /// Whatever arithmetic takes: a number, a duration, a size, an IPv4 address or an RFC 3339 time (nanoseconds).
    static func anyNumeric(_ text: borrowing RawSpan) -> Double? {
        if let value = number(text) { return value }
        if let address = ipv4(text) { return Double(address) }
        return TimeText.parse(text).map(Double.init)
    }

    private static let sizes: [(suffix: [UInt8], factor: Double)] = [
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("KB", 1e3), ("MB", 1e6),
        ("GB", 1e9), ("TB", 1e12), ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("K", 1e3),
        ("M", 1e6), ("G", 1e9), ("T", 1e12), ("B", 1),
    ].map { (Array($0.0.utf8), $0.1) }

    static func size(_ text: borrowing RawSpan) -> Double? {
        for (suffix, factor) in sizes where text.byteCount > suffix.count {
            let start = text.byteCount - suffix.count
            if text.slice(start, suffix.count).equals(suffix.rawSpan) {
                return plain(text.slice(0, start)).map { $0 * factor }
            }
        }
        return nil
    }

    /// Nanoseconds of `1h33m55.5s`, `-5m`, `2w`; units ns, µs, us, ms, s, m, h, d, w, y (365 days).
    static func duration(_ text: borrowing RawSpan) -> Int64? {
        let count = text.byteCount
        var at = 0
        var negative = false
        if count > 0, text[0] == UInt8(ascii: "-") {
            negative = true
            at = 1
        }
        guard at < count else { return nil }
        var total = 0.0
        while at < count {
            let start = at
            while at < count, text[at] &- 48 < 10 || text[at] == UInt8(ascii: ".") { at += 1 }
            guard let amount = plain(text.slice(start, at - start)), let (size, length) = unit(text, at: at) else { return nil }
            total += amount * size
            at += length
        }
        guard total < 9.2e18 else { return nil }
        let value = Int64(total.rounded())
        return negative ? -value : value
    }

    private static func unit(_ text: borrowing RawSpan, at offset: Int) -> (nanoseconds: Double, length: Int)? {
        guard offset < text.byteCount else { return nil }
        let next = offset + 1 < text.byteCount ? text[offset + 1] : 0
        switch text[offset] {
        case UInt8(ascii: "n") where next == UInt8(ascii: "s"): return (1, 2)
        case UInt8(ascii: "u") where next == UInt8(ascii: "s"): return (1e3, 2)
        case 0xC2 where next == 0xB5 && offset + 2 < text.byteCount && text[offset + 2] == UInt8(ascii: "s"): return (1e3, 3)
        case UInt8(ascii: "m") where next == UInt8(ascii: "s"): return (1e6, 2)
        case UInt8(ascii: "s"): return (1e9, 1)
        case UInt8(ascii: "m"): return (60e9, 1)
        case UInt8(ascii: "h"): return (3600e9, 1)
        case UInt8(ascii: "d"): return (86400e9, 1)
        case UInt8(ascii: "w"): return (604_800e9, 1)
        case UInt8(ascii: "y"): return (31_536_000e9, 1)
        default: return nil
        }
    }

    /// The address as a number, first part highest.
    static func ipv4(_ text: borrowing RawSpan) -> UInt32? {
        guard text.byteCount >= 7, text.byteCount <= 15 else { return nil }
        var address: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var parts = 0
        for index in 0..<text.byteCount {
            let byte = text[index]
            if byte &- 48 < 10 {
                part = part * 10 + UInt32(byte &- 48)
                digits += 1
                if digits > 3 || part > 255 { return nil }
            } else if byte == UInt8(ascii: "."), digits > 0, parts < 3 {
                address = address << 8 | part
                part = 0
                digits = 0
                parts += 1
            } else {
                return nil
            }
        }
        return parts == 3 && digits > 0 ? address << 8 | part : nil
    }
}
