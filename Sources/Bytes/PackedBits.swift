/// Unsigned integers of one width, low bits first, without gaps and without spare bytes: for the many short runs of a
/// column block, where eight spare bytes each would be felt.
public enum PackedBits {
    /// Bytes that `count` values of `width` bits take.
    @inlinable public static func byteCount(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }

    /// Appends the packed values; bits of a value above `width` (0…64) are dropped. O(count).
    @inlinable
    public static func pack<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: [Value], width: Int, to output: inout [UInt8]
    ) {
        precondition((0...64).contains(width))
        guard width > 0, !values.isEmpty else { return }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let wordCount = (values.count * width + 63) / 64
        // Every word up to the count that is set is initialised, the last one after the loop.
        let words = unsafe [UInt64](unsafeUninitializedCapacity: wordCount) { buffer, initialized in
            var word: UInt64 = 0
            var filled = 0
            var next = 0
            for value in values {
                let bits = UInt64(truncatingIfNeeded: value) & mask
                // Shifts are below 64 throughout.
                word |= bits &<< UInt64(truncatingIfNeeded: filled)
                filled &+= width
                if filled >= 64 {
                    // `next` counts whole words of the packed run, of which there are at most `wordCount`.
                    unsafe buffer.initializeElement(at: next, to: word.littleEndian)
                    next &+= 1
                    filled &-= 64
                    word = filled == 0 ? 0 : bits &>> UInt64(truncatingIfNeeded: width &- filled)
                }
            }
            if filled > 0 {
                unsafe buffer.initializeElement(at: next, to: word.littleEndian)
                next += 1
            }
            initialized = next
        }
        // The bytes are only read, within the closure.
        unsafe words.withUnsafeBytes {
            unsafe output.append(contentsOf: $0.prefix(byteCount(values.count, width: width)))
        }
    }

    /// Unpacks `count` values. O(count).
    @inlinable
    public static func unpack<Value: FixedWidthInteger & UnsignedInteger>(
        _ bytes: RawSpan, count: Int, width: Int, as type: Value.Type
    ) throws(CorruptionError) -> [Value] {
        guard (0...Value.bitWidth).contains(width) else { throw CorruptionError("bit width \(width)", offset: 0) }
        guard width > 0 else { return [Value](repeating: 0, count: count) }
        guard bytes.byteCount >= byteCount(count, width: width) else {
            throw CorruptionError("packed run of \(count) values is cut short", offset: bytes.byteCount)
        }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        // Up to here one load of eight bytes, which lies within the span, holds the whole value.
        let wordReadable = bytes.byteCount >= 8 && width <= 56 ? min(count, (bytes.byteCount - 8) * 8 / width + 1) : 0
        // Every one of the `count` elements is initialised below, each index once.
        return unsafe [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<wordReadable {
                let bit = index &* width
                // (index * width) / 8 + 8 <= byteCount by the choice of `wordReadable`.
                let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: bit >> 3, as: UInt64.self)
                let value = (UInt64(littleEndian: word) >> UInt64(bit & 7)) & mask
                unsafe buffer.initializeElement(at: index, to: Value(truncatingIfNeeded: value))
            }
            for index in wordReadable..<count {
                let value = Self.value(bytes, at: index, width: width)
                unsafe buffer.initializeElement(at: index, to: Value(truncatingIfNeeded: value))
            }
            initialized = count
        }
    }

    /// Value `index` alone; the span must hold it. O(1).
    @inlinable
    public static func value(_ bytes: RawSpan, at index: Int, width: Int) -> UInt64 {
        guard width > 0 else { return 0 }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let bit = index * width
        let shift = bit & 7
        var value: UInt64 = 0
        var have = 0
        var position = bit >> 3
        while have < width + shift {
            let byte = UInt64(bytes[position])
            if have < shift { value |= byte >> UInt64(shift) } else { value |= byte << UInt64(have - shift) }
            have += 8
            position += 1
        }
        return value & mask
    }
}
