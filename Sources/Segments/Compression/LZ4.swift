import Bytes
import CLZ4
import Machine

/// LZ4 blocks: the cheap compression of commit groups.
enum LZ4 {
    /// Nil where the input is too large for one block. O(length).
    static func compress(_ input: RawSpan) -> [UInt8]? {
        guard input.byteCount <= 0x7E00_0000 else { return nil }
        let bound = Int(LZ4_compressBound(Int32(input.byteCount)))
        // LZ4 writes at most `bound` bytes and answers how many; both regions live through the call.
        return StageTimes.shared.measure(.compress) { compress(input, bound: bound) }
    }

    private static func compress(_ input: RawSpan, bound: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = unsafe input.withUnsafeBytes { source in
                guard let from = source.baseAddress, let into = output.baseAddress else { return 0 }
                return unsafe Int(
                    LZ4_compress_default(
                        from.assumingMemoryBound(to: CChar.self),
                        UnsafeMutableRawPointer(into).assumingMemoryBound(to: CChar.self),
                        Int32(source.count), Int32(bound)))
            }
        }
    }

    /// The content of a block that must have exactly `length` bytes. O(length).
    static func decompress(_ input: RawSpan, length: Int) throws(CorruptionError) -> [UInt8] {
        guard let capacity = Int32(exactly: length), Int32(exactly: input.byteCount) != nil else {
            throw CorruptionError("LZ4 block of \(length) bytes", offset: 0)
        }
        // LZ4 checks both ends and writes at most `length` bytes.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: length) { output, count in
            let written = unsafe input.withUnsafeBytes { source -> Int32 in
                guard let from = source.baseAddress, let into = output.baseAddress else { return 0 }
                return unsafe LZ4_decompress_safe(
                    from.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(into).assumingMemoryBound(to: CChar.self),
                    Int32(source.count), capacity)
            }
            count = max(0, Int(written))
        }
        guard output.count == length else {
            throw CorruptionError("LZ4 block does not give \(length) bytes", offset: 0)
        }
        return output
    }
}
