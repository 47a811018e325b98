import Bytes

/// What an unquoted value is.
enum JSONScalar {
    /// A number, `true` or `false`: its text is its value.
    case text
    case null
    case badNumber, badLiteral
}

/// Judges an unquoted value. O(length).
@inline(__always)
func classifyScalar(_ text: RawSpan, from start: Int, to end: Int) -> JSONScalar {
    let first = text[start]
    if first &- UInt8(ascii: "0") < 10 || first == UInt8(ascii: "-") {
        return isJSONNumber(text, from: start, to: end) ? .text : .badNumber
    }
    if end - start == 4 {
        let word = text.loadUInt32(at: start)
        if word == 0x6575_7274 { return .text }  // true
        if word == 0x6C6C_756E { return .null }  // null
    }
    if end - start == 5 && first == UInt8(ascii: "f") && text.loadUInt32(at: start + 1) == 0x6573_6C61 { return .text }
    return .badLiteral
}

/// Whether the bytes are a number by the grammar of RFC 8259: no leading zeros, plus signs, or bare points. O(length).
@inline(__always)
func isJSONNumber(_ text: RawSpan, from start: Int, to end: Int) -> Bool {
    var place = start
    if text[place] == UInt8(ascii: "-") { place += 1 }
    let whole = place
    skipDigits(text, &place, end)
    if place == whole || (place - whole > 1 && text[whole] == UInt8(ascii: "0")) { return false }
    if place == end { return true }
    return isFractionOrExponent(text, from: place, to: end)
}

private func isFractionOrExponent(_ text: RawSpan, from start: Int, to end: Int) -> Bool {
    var place = start
    if text[place] == UInt8(ascii: ".") {
        place += 1
        let digits = place
        skipDigits(text, &place, end)
        if place == digits { return false }
        if place == end { return true }
    }
    guard (text[place] | 0x20) == UInt8(ascii: "e") else { return false }
    place += 1
    if place < end && (text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-")) { place += 1 }
    let digits = place
    skipDigits(text, &place, end)
    return place > digits && place == end
}

@inline(__always)
private func skipDigits(_ text: RawSpan, _ place: inout Int, _ end: Int) {
    while place < end && text[place] &- UInt8(ascii: "0") < 10 { place += 1 }
}

/// Whether a byte is JSON's white space. A line feed never stands inside a line.
@inline(__always)
func isJSONBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}
