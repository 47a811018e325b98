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
}
