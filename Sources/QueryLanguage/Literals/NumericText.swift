import Bytes

/// Reads texts as numbers, in every form that the query language takes; field values and literals go through the same
/// code. All functions look at the whole text and give nil if any part of it does not belong. O(length).
public enum NumericText {
    /// A value of a field, or a literal of a query, as a number: plain, hexadecimal (`0x`), octal (`0o`), binary
    /// (`0b`), `Inf`, size in bytes, duration in nanoseconds, IPv4 address as its 32 bits, RFC 3339 time as nanoseconds
    /// since 1970.
    public static func value(_ text: RawSpan) -> Double? {
        if let number = number(text) { return number }
        guard text.byteCount > 0, text[0].isDigit else { return nil }
        if let number = ipv4(text) { return Double(number) }
        if let number = TimeText.timestamp(text) { return Double(number) }
        return nil
    }

    /// The same without addresses and times.
    public static func number(_ text: RawSpan) -> Double? {
        guard text.byteCount > 0, startsLikeNumber(text[0]) else { return nil }
        if let number = decimal(text) { return number.isFinite ? number : nil }
        if let number = size(text) { return number }
        if let number = duration(text) { return Double(number) }
        return signedInteger(text) ?? infinity(text)
    }

    /// `[+-]digits[.digits][e[+-]digits]` with `_` between digits; the nearest double.
    public static func decimal(_ text: RawSpan) -> Double? {
        var scanner = DecimalScanner()
        guard scanner.scan(text, from: 0) == text.byteCount else { return nil }
        return scanner.value(of: text, to: text.byteCount)
    }

    /// Decimals with `B`, `K`, `KB`, `Ki`, `KiB`, … `T`, `TiB`, added up (`1MiB500KiB`), in bytes; fractions of a byte
    /// are dropped, and a last part without a unit is bytes.
    public static func size(_ text: RawSpan) -> Double? {
        let isNegative = text.byteCount > 0 && text[0] == UInt8(ascii: "-")
        var index = isNegative ? 1 : 0
        guard index < text.byteCount else { return nil }
        var sum = 0.0
        while index < text.byteCount {
            var scanner = DecimalScanner()
            guard text[index].isDigit || text[index] == UInt8(ascii: "_"), let end = scanner.scan(text, from: index),
                isPlain(text, from: index, to: end), let number = scanner.value(of: text, to: end)
            else { return nil }
            if end == text.byteCount {
                guard number == number.rounded(.down) else { return nil }
                sum += number
                break
            }
            guard let unit = sizeUnit(text, at: end) else { return nil }
            sum += (number * unit.bytes).rounded(.towardZero)
            index = end + unit.length
        }
        return isNegative ? -sum : sum
    }

    /// Digits with `_` between them, no zero in front; `nil` also if they do not fit.
    public static func plainInteger(_ text: RawSpan) -> UInt64? {
        guard text.byteCount > 0, text[0].isDigit, text[0] != UInt8(ascii: "0") || text.byteCount == 1 else {
            return nil
        }
        return integer(text, from: 0, radix: 10)
    }

    /// The same, digits behind a point, and a minus: what a sender's numbers look like.
    public static func plainDecimal(_ text: RawSpan) -> Double? {
        let first = text.byteCount > 0 && text[0] == UInt8(ascii: "-") ? 1 : 0
        guard first < text.byteCount, text[first].isDigit else { return nil }
        let hasZero = text[first] == UInt8(ascii: "0") && first + 1 < text.byteCount && text[first + 1].isDigit
        return !hasZero && isPlain(text, from: first, to: text.byteCount) ? decimal(text) : nil
    }

    /// Whether a part of a text that is a decimal has neither an exponent nor a point without digits.
    static func isPlain(_ text: RawSpan, from start: Int, to end: Int) -> Bool {
        for index in start..<end where !text[index].isDigit && text[index] != UInt8(ascii: "_") {
            guard text[index] == UInt8(ascii: "."), index > start, index + 1 < end else { return false }
        }
        return true
    }

    /// What stands where the language wants a count: a whole number (`0x` hexadecimal, `0b` binary, `0o` or a zero in
    /// front octal, as in C), a size, a duration in nanoseconds, or `inf` for the largest of all.
    public static func count(_ text: RawSpan) -> UInt64? {
        if let integer = plainInteger(text) ?? prefixedInteger(text) { return integer }
        if text.byteCount > 1, text[0] == UInt8(ascii: "0"), let octal = integer(text, from: 1, radix: 8) {
            return octal
        }
        if infinity(text) == .infinity { return .max }
        if let bytes = size(text) { return bytes >= 0 && bytes < 0x1p64 ? UInt64(bytes) : nil }
        return duration(text).flatMap { $0 < 0 ? nil : UInt64($0) }
    }

    /// Bits of an address, 0…32, as a plain integer.
    public static func unsigned(_ text: RawSpan) -> UInt64? { plainInteger(text) ?? prefixedInteger(text) }

    /// Four decimal bytes with dots.
    public static func ipv4(_ text: RawSpan) -> UInt32? {
        var address: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in 0..<text.byteCount {
            let byte = text[index]
            if byte == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                address = address << 8 | part
                dots += 1
                part = 0
                digits = 0
            } else {
                guard byte.isDigit, digits < 3 else { return nil }
                part = part * 10 + UInt32(byte &- 48)
                digits += 1
                guard part < 256 else { return nil }
            }
        }
        return dots == 3 && digits > 0 ? address << 8 | part : nil
    }

    private static func startsLikeNumber(_ byte: UInt8) -> Bool {
        byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_") || byte | 0x20 == UInt8(ascii: "i")
    }

    /// `0x1F`, `-0b11`.
    private static func signedInteger(_ text: RawSpan) -> Double? {
        let isNegative = text[0] == UInt8(ascii: "-")
        let digits = isNegative || text[0] == UInt8(ascii: "+") ? text.extracting(1...) : text
        return prefixedInteger(digits).map { isNegative ? -Double($0) : Double($0) }
    }

    private static func prefixedInteger(_ text: RawSpan) -> UInt64? {
        guard text.byteCount > 2, text[0] == UInt8(ascii: "0") else { return nil }
        return switch text[1] | 0x20 {
        case UInt8(ascii: "x"): integer(text, from: 2, radix: 16)
        case UInt8(ascii: "o"): integer(text, from: 2, radix: 8)
        case UInt8(ascii: "b"): integer(text, from: 2, radix: 2)
        default: nil
        }
    }

    private static func integer(_ text: RawSpan, from start: Int, radix: UInt64) -> UInt64? {
        var sum: UInt64 = 0
        for index in start..<text.byteCount {
            let byte = text[index]
            if byte == UInt8(ascii: "_"), index > start { continue }
            guard let digit = byte.hexDigit, UInt64(digit) < radix else { return nil }
            let (product, overflow) = sum.multipliedReportingOverflow(by: radix)
            let (next, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            sum = next
        }
        return sum
    }

    private static func infinity(_ text: RawSpan) -> Double? {
        let isNegative = text.byteCount > 0 && text[0] == UInt8(ascii: "-")
        let start = isNegative || (text.byteCount > 0 && text[0] == UInt8(ascii: "+")) ? 1 : 0
        guard text.hasLowercased("inf", from: start) else { return nil }
        return isNegative ? -.infinity : .infinity
    }

    /// The longest unit of a size at a place.
    private static func sizeUnit(_ text: RawSpan, at start: Int) -> (length: Int, bytes: Double)? {
        if text[start] == UInt8(ascii: "B") { return (1, 1) }
        let power: Int
        switch text[start] {
        case UInt8(ascii: "K"): power = 1
        case UInt8(ascii: "M"): power = 2
        case UInt8(ascii: "G"): power = 3
        case UInt8(ascii: "T"): power = 4
        default: return nil
        }
        func isThere(_ letter: Unicode.Scalar, _ place: Int) -> Bool {
            place < text.byteCount && text[place] == UInt8(ascii: letter)
        }
        if isThere("i", start + 1) {
            return (isThere("B", start + 2) ? 3 : 2, Double(UInt64(1) << UInt64(10 * power)))
        }
        let decimalBytes: [4 of Double] = [1e3, 1e6, 1e9, 1e12]
        return (isThere("B", start + 1) ? 2 : 1, decimalBytes[power - 1])
    }
}

extension RawSpan {
    /// Whether the rest from `start` is this text of lower-case ASCII letters, in any case.
    func hasLowercased(_ word: StaticString, from start: Int) -> Bool {
        guard byteCount - start == word.utf8CodeUnitCount else { return false }
        var index = start
        var matches = true
        for scalar in word.description.utf8 {
            matches = matches && self[index] | 0x20 == scalar
            index += 1
        }
        return matches
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 48 < 10 }
}
