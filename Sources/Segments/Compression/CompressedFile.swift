import Bytes

/// A small file that is replaced as a whole, such as a saved state, compressed:
/// `"PLMBZST1" | bytes of the content u64 | CRC-32C of the frame u32 | zstd frame`.
public enum CompressedFile {
    private static let magic = Array("PLMBZST1".utf8)
    private static let headLength = 20
    private static let level: Int32 = 3
    /// Content that a file may claim to hold, so that damage cannot exhaust the machine.
    private static let longest: UInt64 = 1 << 31

    /// O(bytes).
    public static func encode(_ content: [UInt8]) -> [UInt8] {
        let frame = ZstdContexts.shared.compress(content.rawSpan, level: level)
        var writer = ByteWriter(capacity: headLength + frame.count)
        writer.write(magic)
        writer.write(UInt64(content.count))
        writer.write(crc32c(frame.rawSpan))
        writer.write(frame)
        return writer.bytes
    }

    /// The content; `bytes` themselves where they are not such a file, which earlier versions wrote as it was. Throws
    /// `CorruptionError` with `name` for a frame that is not what was written. O(bytes).
    public static func decode(_ bytes: [UInt8], name: String) throws(CorruptionError) -> [UInt8] {
        let span = bytes.rawSpan
        guard bytes.count >= headLength, span.slice(0, magic.count).equals(magic.rawSpan) else { return bytes }
        let length = span.loadUInt64(at: 8)
        let frame = span.slice(headLength, bytes.count - headLength)
        guard length <= longest, crc32c(frame) == span.loadUInt32(at: 16) else {
            throw CorruptionError("\(name)'s checksum", offset: 16)
        }
        return try ZstdContexts.shared.decompress(frame, length: Int(length))
    }
}
