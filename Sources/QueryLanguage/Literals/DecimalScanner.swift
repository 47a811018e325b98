import Bytes

/// Reads one decimal at a place of a text and remembers what its value follows from.
struct DecimalScanner {
    private var isNegative = false
    private var mantissa: UInt64 = 0
    private var exponent = 0
    /// More digits than the mantissa holds: the slow way is needed.
    private var isLong = false
    private var hasUnderscore = false
    private var start = 0

    /// Position after the decimal, or nil if there is none. An `e` that no digits follow is left alone.
    mutating func scan(_ text: RawSpan, from start: Int) -> Int? {
        self.start = start
        var index = start
        if index < text.byteCount, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        let first = index
        index = scanDigits(text, from: index, isFraction: false)
        var digits = index - first
        if index < text.byteCount, text[index] == UInt8(ascii: ".") {
            let end = scanDigits(text, from: index + 1, isFraction: true)
            digits += end - index - 1
            index = end
        }
        guard digits > 0 else { return nil }
        return scanExponent(text, from: index)
    }

    private mutating func scanDigits(_ text: RawSpan, from start: Int, isFraction: Bool) -> Int {
        var index = start
        while index < text.byteCount {
            let byte = text[index]
            if byte == UInt8(ascii: "_") {
                hasUnderscore = true
                index += 1
                continue
            }
            guard byte.isDigit else { break }
            if mantissa < 1_000_000_000_000_000_000 {
                mantissa = mantissa * 10 + UInt64(byte &- 48)
                if isFraction { exponent -= 1 }
            } else {
                isLong = true
            }
            index += 1
        }
        return index
    }

    private mutating func scanExponent(_ text: RawSpan, from start: Int) -> Int {
        guard start + 1 < text.byteCount, text[start] | 0x20 == UInt8(ascii: "e") else { return start }
        var index = start + 1
        let sign = text[index]
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index += 1 }
        guard index < text.byteCount, text[index].isDigit else { return start }
        var power = 0
        while index < text.byteCount, text[index].isDigit {
            power = min(power * 10 + Int(text[index] &- 48), 100_000)
            index += 1
        }
        exponent += sign == UInt8(ascii: "-") ? -power : power
        return index
    }

    /// The nearest double. With at most 53 bits of digits and a power of ten that is exact, one rounding is all there
    /// is (Clinger, "How to read floating point numbers accurately", 1990); anything else is read by the standard
    /// library.
    func value(of text: RawSpan, to end: Int) -> Double? {
        if !isLong, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
            let digits = Double(mantissa)
            let power = powersOfTen[abs(exponent)]
            let size = exponent < 0 ? digits / power : digits * power
            return isNegative ? -size : size
        }
        var bytes: [UInt8] = []
        for index in start..<end where text[index] != UInt8(ascii: "_") { bytes.append(text[index]) }
        return Double(String(decoding: bytes, as: UTF8.self))
    }
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]
