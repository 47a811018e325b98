/// Integers taken apart by bytes: plane *p* holds byte *p* (low first) of every value, so that a compressor sees the
/// steady high bytes without the noise of the low ones.
public enum BytePlanes {
    /// Plane `plane` of every value. O(count).
    public static func plane(_ plane: Int, of values: [UInt64]) -> [UInt8] {
        let shift = UInt64(8 * plane)
        // Every element is initialised once.
        return unsafe [UInt8](unsafeUninitializedCapacity: values.count) { buffer, initialized in
            for index in 0..<values.count {
                unsafe buffer.initializeElement(at: index, to: UInt8(truncatingIfNeeded: values[index] >> shift))
            }
            initialized = values.count
        }
    }

    /// Puts a plane's bytes back into the values: `bytes` holds one byte a value. O(count).
    public static func merge(_ bytes: RawSpan, plane: Int, into values: inout [UInt64]) {
        precondition(bytes.byteCount == values.count && plane < 8)
        let shift = UInt64(8 * plane)
        var output = values.mutableSpan
        for index in 0..<bytes.byteCount { output[index] |= UInt64(bytes[index]) << shift }
    }

    /// Some byte positions of values of `stride` bytes, those of one value behind those of another. O(values).
    public static func select(_ positions: [Int], of binary: [UInt8], stride: Int) -> [UInt8] {
        precondition(positions.allSatisfy { $0 >= 0 && $0 < stride })
        let count = binary.count / stride
        let width = positions.count
        // Every element is initialised once: each of `width` for each of `count` values.
        return unsafe [UInt8](unsafeUninitializedCapacity: count * width) { buffer, initialized in
            for (index, position) in positions.enumerated() {
                for row in 0..<count {
                    // Within both by the bounds of row, index and position.
                    unsafe buffer.initializeElement(at: row &* width &+ index, to: binary[row &* stride &+ position])
                }
            }
            initialized = count * width
        }
    }

    /// The reverse: puts the bytes to their positions in values of `stride` bytes. O(values).
    public static func place(_ bytes: RawSpan, at positions: [Int], in binary: inout [UInt8], stride: Int) {
        let count = binary.count / stride
        let width = positions.count
        precondition(bytes.byteCount == count * width && positions.allSatisfy { $0 >= 0 && $0 < stride })
        var output = binary.mutableSpan
        for (index, position) in positions.enumerated() {
            for row in 0..<count { output[row &* stride &+ position] = bytes[row &* width &+ index] }
        }
    }
}
