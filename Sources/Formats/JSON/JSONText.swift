import Bytes

/// Appends UTF-8 text as a JSON string, quotes included. Only quotes, backslashes and control bytes are escaped.
/// O(length), eight bytes a step where nothing needs an escape.
public func appendJSONString(_ text: RawSpan, to output: inout [UInt8]) {
    output.append(.quote)
    let count = text.byteCount
    var start = 0
    var place = 0
    while place < count {
        if place + 8 <= count && !needsEscape(text.loadUInt64(at: place)) {
            place += 8
            continue
        }
        let byte = text[place]
        if byte >= 0x20 && byte != .quote && byte != UInt8(ascii: "\\") {
            place += 1
            continue
        }
        output.append(copying: text.slice(start, place - start))
        appendEscape(byte, to: &output)
        place += 1
        start = place
    }
    output.append(copying: text.slice(start, count - start))
    output.append(.quote)
}

/// Whether any of eight bytes is a quote, a backslash or below 0x20. The bit trick is exact for "none" (Mycroft, 1987).
@inline(__always)
private func needsEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let quotes = word ^ (ones &* 0x22)
    let slashes = word ^ (ones &* 0x5C)
    let low = (word &- ones &* 0x20) & ~word
    return ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | low) & highs != 0
}

private func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case .quote, UInt8(ascii: "\\"): output.append(byte)
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    default:
        output.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
        output.append(UInt8(ascii: "0") + byte >> 4)
        output.append(hexDigit(byte & 15))
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
