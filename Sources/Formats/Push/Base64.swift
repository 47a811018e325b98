import Bytes

/// RFC 4648, section 4.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// O(length).
    static func append(_ bytes: RawSpan, to output: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.byteCount, by: 3) {
            let count = min(3, bytes.byteCount - start)
            var word: UInt32 = 0
            for place in 0..<3 { word = word << 8 | (place < count ? UInt32(bytes[start + place]) : 0) }
            for digit in 0..<4 {
                let value = Int(word >> (18 - 6 * UInt32(digit))) & 63
                output.append(digit <= count ? digits[value] : UInt8(ascii: "="))
            }
        }
    }
}
