import Bytes
import Records

// Numbers as text, appended to a row without an intermediate string.

@inline(__always)
func appendHexadecimal(_ value: UInt64, digits: Int, to row: inout [UInt8]) {
    var text = InlineArray<16, UInt8>(repeating: 0)
    var rest = value
    for index in stride(from: 15, through: 0, by: -1) {
        let nibble = UInt8(rest & 15)
        text[index] = nibble + (nibble < 10 ? 0x30 : 0x57)
        rest >>= 4
    }
    row.append(copying: text.span.rawSpan.slice(16 - digits, digits))
}

/// A random UUID (version 4) that depends on `value` alone.
func appendUUID(_ value: UInt64, to row: inout [UInt8]) {
    var stream = RandomStream(seed: value)
    let low = stream.next()
    appendHexadecimal(value >> 32, digits: 8, to: &row)
    row.append(UInt8(ascii: "-"))
    appendHexadecimal(value >> 16 & 0xFFFF, digits: 4, to: &row)
    row.append(contentsOf: [UInt8(ascii: "-"), UInt8(ascii: "4")])
    appendHexadecimal(value & 0xFFF, digits: 3, to: &row)
    row.append(UInt8(ascii: "-"))
    appendHexadecimal(low >> 48 & 0x3FFF | 0x8000, digits: 4, to: &row)
    row.append(UInt8(ascii: "-"))
    appendHexadecimal(low & 0xFFFF_FFFF_FFFF, digits: 12, to: &row)
}

@inline(__always)
func appendInteger(_ value: Int64, to row: inout [UInt8]) {
    var text = InlineArray<20, UInt8>(repeating: 0)
    var rest = value.magnitude
    var index = 20
    repeat {
        index -= 1
        text[index] = 0x30 + UInt8(rest % 10)
        rest /= 10
    } while rest > 0
    if value < 0 { row.append(UInt8(ascii: "-")) }
    row.append(copying: text.span.rawSpan.slice(index, 20 - index))
}

/// `value` / 10^`digits`, all digits printed: 1250 and 2 give `12.50`.
@inline(__always)
func appendDecimal(_ value: Int64, digits: Int, to row: inout [UInt8]) {
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    appendInteger(value / scale, to: &row)
    guard digits > 0 else { return }
    row.append(UInt8(ascii: "."))
    var rest = value % scale
    for _ in 0..<digits {
        scale /= 10
        row.append(0x30 + UInt8(rest / scale))
        rest %= scale
    }
}

/// Microseconds as milliseconds with as few digits as say it: 12340 gives `12.34`.
@inline(__always)
func appendMilliseconds(_ microseconds: Int64, to row: inout [UInt8]) {
    appendInteger(microseconds / 1_000, to: &row)
    var rest = microseconds % 1_000
    guard rest > 0 else { return }
    row.append(UInt8(ascii: "."))
    while rest > 0 {
        row.append(0x30 + UInt8(rest / 100))
        rest = rest % 100 * 10
    }
}

/// RFC 3339 in UTC with a fixed number of fractional digits; the minute's text is kept from row to row.
struct TimeText {
    private var minute = Int64.min
    /// `2026-03-02T10:00:`
    private var prefix: [UInt8] = []

    @inline(__always)
    mutating func append(_ time: Int64, digits: Int, to row: inout [UInt8]) {
        let own = time / 60_000_000_000
        if own != minute { setMinute(own) }
        row.append(copying: prefix.rawSpan)
        let nanoseconds = time - own * 60_000_000_000
        var text = InlineArray<13, UInt8>(repeating: 0)
        let second = nanoseconds / 1_000_000_000
        text[0] = 0x30 + UInt8(second / 10)
        text[1] = 0x30 + UInt8(second % 10)
        text[2] = UInt8(ascii: ".")
        var rest = UInt32(nanoseconds % 1_000_000_000)
        for index in stride(from: 11, through: 3, by: -1) {
            text[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        text[3 + digits] = UInt8(ascii: "Z")
        row.append(copying: text.span.rawSpan.slice(0, 4 + digits))
    }

    private mutating func setMinute(_ value: Int64) {
        minute = value
        prefix = []
        Timestamp(nanoseconds: value * 60_000_000_000).appendRFC3339(to: &prefix)
        prefix.removeLast(3)
    }
}
