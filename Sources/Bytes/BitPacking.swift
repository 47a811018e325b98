/// Unsigned integers of a fixed width, `width` bits each, low bits first, without gaps; eight spare bytes at the end
/// let a reader load whole words.
public enum BitPacking {
    /// Bits needed for `maximum`; 0 for 0.
    @inlinable public static func width(of maximum: UInt64) -> Int { 64 - maximum.leadingZeroBitCount }

    /// Bytes that `count` values of `width` bits take, the spare bytes included.
    @inlinable public static func byteCount(_ count: Int, width: Int) -> Int {
        width == 0 ? 0 : (count * width + 7) / 8 + 8
    }

    /// Appends the packed values. Each must fit in `width` bits, 0…64. O(count).
    public static func pack(_ values: [UInt64], width: Int, into writer: inout ByteWriter) {
        precondition((0...64).contains(width))
        guard width > 0 else { return }
        var word: UInt64 = 0
        var filled = 0
        let start = writer.count
        for value in values {
            precondition(width == 64 || value >> UInt64(width) == 0, "value wider than \(width) bits")
            word |= value << UInt64(filled)
            filled += width
            if filled >= 64 {
                writer.write(word)
                filled -= 64
                word = filled == 0 ? 0 : value >> UInt64(width - filled)
            }
        }
        while filled > 0 {
            writer.write(UInt8(truncatingIfNeeded: word))
            word >>= 8
            filled -= 8
        }
        let wanted = start + byteCount(values.count, width: width)
        while writer.count < wanted { writer.write(UInt8(0)) }
    }

    /// Unpacks all `count` values. The span must hold `byteCount(count, width:)` bytes. O(count).
    public static func unpack(_ bytes: RawSpan, count: Int, width: Int) throws(CorruptionError) -> [UInt64] {
        guard (0...64).contains(width) else { throw CorruptionError("bit width \(width)", offset: 0) }
        guard width > 0 else { return [UInt64](repeating: 0, count: count) }
        guard bytes.byteCount >= byteCount(count, width: width) else {
            throw CorruptionError("packed run of \(count) values is cut short", offset: bytes.byteCount)
        }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        // Every one of the `count` elements is initialised below.
        return unsafe [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                let bit = index &* width
                let shift = UInt64(bit & 7)
                var value = bytes.loadUInt64(at: bit >> 3) >> shift
                if shift != 0 && width > 64 - Int(shift) {
                    value |= UInt64(bytes[(bit >> 3) + 8]) << (64 - shift)
                }
                // `buffer` has room for `count` values and each index is visited once.
                unsafe buffer.initializeElement(at: index, to: value & mask)
            }
            initialized = count
        }
    }
}
