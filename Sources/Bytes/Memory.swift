import CKernels

// The C library's own comparison and search, reached through CKernels so that Foundation stays out of this level.

@usableFromInline
func plumbMemcmp(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ length: Int) -> Int32 {
    unsafe plumb_memcmp(left, right, length)
}

/// CRC-32C (Castagnoli) of the bytes, continued from `seed`; the checksum of every frame and block on disk. O(length).
public func crc32c(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe plumb_crc32c(seed, $0.baseAddress, $0.count) }
}

/// A 64-bit hash of the bytes for tables and filters: fast, well mixed, the same on every machine and in every version
/// (it is stored on disk), and no defence against chosen collisions. O(length).
public func hash64(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe plumb_hash64($0.baseAddress, $0.count, seed) }
}

/// Position of the first `byte` at or after `start`, or nil. O(distance), 32 bytes a step where AVX2 is.
public func firstIndex(of byte: UInt8, in bytes: RawSpan, from start: Int = 0) -> Int? {
    precondition(start >= 0 && start <= bytes.byteCount)
    let found = unsafe bytes.withUnsafeBytes { unsafe plumb_find_byte($0.baseAddress, $0.count, start, byte) }
    return found < 0 ? nil : found
}

/// Position of the first occurrence of `needle` at or after `start`, or nil. The empty needle is found at `start`.
public func firstRange(of needle: RawSpan, in bytes: RawSpan, from start: Int = 0) -> Int? {
    precondition(start >= 0 && start <= bytes.byteCount)
    let found = unsafe bytes.withUnsafeBytes { haystack in
        unsafe needle.withUnsafeBytes { word in
            unsafe plumb_find_bytes(haystack.baseAddress, haystack.count, start, word.baseAddress, word.count)
        }
    }
    return found < 0 ? nil : found
}
