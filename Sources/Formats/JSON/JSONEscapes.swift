import Bytes

/// Appends the text of a JSON string, given without its quotes, to `output`. A lone surrogate becomes U+FFFD. Returns
/// the position of an escape that JSON does not know, or nil if all were good. O(length).
public func appendUnescapedJSON(_ text: RawSpan, to output: inout [UInt8]) -> Int? {
    var place = 0
    while place < text.byteCount {
        let next = firstIndex(of: UInt8(ascii: "\\"), in: text, from: place) ?? text.byteCount
        output.append(copying: text.slice(place, next - place))
        place = next
        guard place < text.byteCount else { break }
        guard place + 1 < text.byteCount else { return place }
        if text[place + 1] == UInt8(ascii: "u") {
            guard let (scalar, length) = unicodeEscape(text, at: place) else { return place }
            output.append(contentsOf: UTF8.encode(scalar)!)
            place += length
        } else {
            guard let byte = simpleEscape(text[place + 1]) else { return place }
            output.append(byte)
            place += 2
        }
    }
    return nil
}

/// Bytes of the escape at `place`, where a backslash stands; 0 if JSON does not know it. Surrogates count one by one.
/// O(1).
func jsonEscapeLength(_ text: RawSpan, at place: Int) -> Int {
    guard place + 1 < text.byteCount else { return 0 }
    if text[place + 1] == UInt8(ascii: "u") { return fourHex(text, at: place + 2) == nil ? 0 : 6 }
    return simpleEscape(text[place + 1]) == nil ? 0 : 2
}

private func simpleEscape(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: nil
    }
}

/// The character of the `\uXXXX` at `place`, or of a surrogate pair of two, and how many bytes it takes.
private func unicodeEscape(_ text: RawSpan, at place: Int) -> (Unicode.Scalar, length: Int)? {
    guard let first = fourHex(text, at: place + 2) else { return nil }
    if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
    let replacement: Unicode.Scalar = "\u{FFFD}"
    guard first < 0xDC00, place + 7 < text.byteCount, text[place + 6] == UInt8(ascii: "\\"),
        text[place + 7] == UInt8(ascii: "u"), let second = fourHex(text, at: place + 8),
        (0xDC00...0xDFFF).contains(second)
    else { return (replacement, 6) }
    let value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    return (Unicode.Scalar(value) ?? replacement, 12)
}

private func fourHex(_ text: RawSpan, at place: Int) -> UInt32? {
    guard place + 4 <= text.byteCount else { return nil }
    var value: UInt32 = 0
    for offset in 0..<4 {
        let byte = text[place + offset]
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
            digit = (byte | 0x20) - UInt8(ascii: "a") + 10
        default: return nil
        }
        value = value << 4 | UInt32(digit)
    }
    return value
}
