import Bytes
import Records

/// What one value looks like: which codec is worth trying on its column.
enum TextShape {
    case number
    case hexadecimal
    case uuid
    case ipv4
    case timestamp
    case other

    /// Judges by the first bytes only; the codec then reads every value and may still refuse. O(1) for most.
    init(_ value: RawSpan, fixedLength: Bool) {
        let length = value.byteCount
        guard length > 0 else {
            self = .other
            return
        }
        let first = value[0]
        let digitFirst = first &- UInt8(ascii: "0") < 10
        if length == 36, value[8] == UInt8(ascii: "-"), value[13] == UInt8(ascii: "-") {
            self = .uuid
        } else if digitFirst, length >= 19, value[4] == UInt8(ascii: "-"), value[7] == UInt8(ascii: "-") {
            self = .timestamp
        } else if digitFirst, length >= 7, length <= 15, Self.dots(value) == 3 {
            self = .ipv4
        } else if length <= 20, DecimalCodec.parse(value) != nil || DecimalText.canonicalInteger(value) != nil {
            self = .number
        } else if fixedLength, length >= 4, HexText.isHexadecimal(value) {
            self = .hexadecimal
        } else {
            self = .other
        }
    }

    private static func dots(_ value: RawSpan) -> Int {
        var count = 0
        for offset in 0..<value.byteCount where value[offset] == UInt8(ascii: ".") { count += 1 }
        return count
    }
}
