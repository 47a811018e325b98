import Bytes

/// A Bloom filter whose bits for one key all lie in one 64-bit word (Putze, Sanders, Singler, 2007), so that building
/// and asking cost one memory access a key: for blocks that live briefly. Twelve bits a key, five set: about one
/// false positive in 60.
///
/// `words u64 …`, a power of two not needed: a key's word is the high part of a product.
public enum BlockedBloom {
    private static let bitsPerKey = 12
    private static let bitsSet = 5

    /// Appends the filter. O(keys).
    public static func write(_ keys: [UInt64], to writer: inout ByteWriter) {
        let count = max(1, (keys.count * bitsPerKey + 63) / 64)
        var words = [UInt64](repeating: 0, count: count)
        for key in keys { words[word(of: key, count)] |= bits(of: key) }
        for word in words { writer.write(word) }
    }

    /// False only if the key was not written. O(1).
    public static func mayContain(_ key: UInt64, in filter: RawSpan) -> Bool {
        let count = filter.byteCount / 8
        guard count > 0 else { return true }
        let wanted = bits(of: key)
        return filter.loadUInt64(at: 8 * word(of: key, count)) & wanted == wanted
    }

    private static func word(of key: UInt64, _ count: Int) -> Int {
        Int(key.multipliedFullWidth(by: UInt64(count)).high)
    }

    private static func bits(of key: UInt64) -> UInt64 {
        var rest = key &* 0x9E37_79B9_7F4A_7C15
        var bits: UInt64 = 0
        for _ in 0..<bitsSet {
            bits |= 1 << (rest & 63)
            rest >>= 6
        }
        return bits
    }
}
