import Bytes

/// A static map from 64-bit keys to small numbers that stores no keys: a key that is in it finds its number, another
/// one is told apart by a fingerprint of a few bits. Binary fuse construction with three places a key (Graf and
/// Lemire, "Binary Fuse Filters", 2022): about 1.13 cells a key, three memory accesses a question.
///
/// `seed u64 | cells' segment length as a power of two u8 | fingerprint bits u8 | value bits u8 | segments u32 | cells,
/// bit-packed | 8 spare bytes`. Without keys: nothing at all.
public enum BinaryFuseMap {
    static let headLength = 15

    /// Where the three cells of a key lie, and what they must add up to.
    struct Shape {
        var seed: UInt64
        var segmentBits: Int
        var segmentCount: Int
        var fingerprintBits: Int
        var valueBits: Int

        var cellCount: Int { (segmentCount + 2) << segmentBits }
        var cellBits: Int { fingerprintBits + valueBits }

        /// For `count` keys, at least 1. The sizes are the paper's; a rough logarithm does, since they are stored.
        init(count: Int, fingerprintBits: Int, valueBits: Int) {
            let log2 = roughLog2(Double(max(2, count)))
            segmentBits = min(18, max(2, Int(log2 / 1.7355 + 2.25)))
            let factor = max(1.125, 0.875 + 0.25 * 19.93 / log2)
            let capacity = Int(Double(count) * factor)
            segmentCount = max(1, (capacity + (1 << segmentBits) - 1) >> segmentBits - 2)
            seed = 0
            self.fingerprintBits = fingerprintBits
            self.valueBits = valueBits
        }

        init?(_ head: RawSpan) {
            guard head.byteCount > BinaryFuseMap.headLength else { return nil }
            seed = head.loadUInt64(at: 0)
            segmentBits = Int(head[8])
            fingerprintBits = Int(head[9])
            valueBits = Int(head[10])
            segmentCount = Int(head.loadUInt32(at: 11))
            guard segmentBits <= 18, fingerprintBits + valueBits <= 32 else { return nil }
            let length = PackedBits.byteCount(cellCount, width: cellBits) + 8
            guard head.byteCount == BinaryFuseMap.headLength + length else { return nil }
        }

        @inline(__always)
        func hash(_ key: UInt64) -> UInt64 {
            var mixed = key &+ seed
            mixed = (mixed ^ (mixed >> 33)) &* 0xFF51_AFD7_ED55_8CCD
            mixed = (mixed ^ (mixed >> 33)) &* 0xC4CE_B9FE_1A85_EC53
            return mixed ^ (mixed >> 33)
        }

        @inline(__always)
        func cells(_ hash: UInt64) -> (Int, Int, Int) {
            let mask = UInt64(1 << segmentBits) - 1
            let first = hash.multipliedFullWidth(by: UInt64(segmentCount << segmentBits)).high
            let second = (first + UInt64(1 << segmentBits)) ^ ((hash >> 18) & mask)
            let third = (first + UInt64(2 << segmentBits)) ^ (hash & mask)
            return (Int(first), Int(second), Int(third))
        }

        @inline(__always)
        func fingerprint(_ hash: UInt64) -> UInt32 {
            UInt32(truncatingIfNeeded: (hash ^ (hash >> 32)) & ((1 << UInt64(fingerprintBits)) - 1))
        }
    }

    /// The number stored with a key, nil for most keys that are not in the map; a damaged map holds nothing. O(1).
    public static func find(_ key: UInt64, in map: RawSpan) -> UInt32? {
        guard let shape = Shape(map) else { return nil }
        let hash = shape.hash(key)
        let places = shape.cells(hash)
        let cell =
            load(map, places.0, shape.cellBits) ^ load(map, places.1, shape.cellBits)
            ^ load(map, places.2, shape.cellBits)
        let fingerprintMask = (UInt32(1) << UInt32(shape.fingerprintBits)) &- 1
        guard cell & fingerprintMask == shape.fingerprint(hash) else { return nil }
        return shape.fingerprintBits == 32 ? 0 : cell >> UInt32(shape.fingerprintBits)
    }

    @inline(__always)
    private static func load(_ map: RawSpan, _ cell: Int, _ width: Int) -> UInt32 {
        let bit = cell * width
        // The eight spare bytes keep this within the span for every cell.
        let word = map.loadUInt64(at: headLength + bit >> 3)
        return UInt32(truncatingIfNeeded: (word >> UInt64(bit & 7)) & ((1 << UInt64(width)) - 1))
    }
}

/// log2 to about 0.01, without a maths library.
func roughLog2(_ value: Double) -> Double {
    let mantissa = value.significand
    return Double(value.exponent) + (mantissa - 1) * (1 + 0.33 * (2 - mantissa))
}
