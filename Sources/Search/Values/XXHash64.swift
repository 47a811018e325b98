import Bytes

/// XXH64 (Collet, xxHash specification 0.1.1): the hash that LogsQL's `hash` pipe publishes.
enum XXHash64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// With seed 0. O(length).
    static func hash(_ text: RawSpan) -> UInt64 {
        let count = text.byteCount
        var at = 0
        var hash: UInt64 = prime5
        if count >= 32 {
            var lanes: [4 of UInt64] = [prime1 &+ prime2, prime2, 0, 0 &- prime1]
            while at + 32 <= count {
                for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(text, at + 8 * lane)) }
                at += 32
            }
            hash = rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12) &+ rotated(lanes[3], 18)
            for lane in 0..<4 { hash = (hash ^ round(0, lanes[lane])) &* prime1 &+ prime4 }
        }
        hash = hash &+ UInt64(count)
        while at + 8 <= count {
            hash = rotated(hash ^ round(0, word(text, at)), 27) &* prime1 &+ prime4
            at += 8
        }
        if at + 4 <= count {
            hash = rotated(hash ^ (UInt64(text.loadUInt32(at: at)) &* prime1), 23) &* prime2 &+ prime3
            at += 4
        }
        while at < count {
            hash = rotated(hash ^ (UInt64(text[at]) &* prime5), 11) &* prime1
            at += 1
        }
        hash = (hash ^ (hash >> 33)) &* prime2
        hash = (hash ^ (hash >> 29)) &* prime3
        return hash ^ (hash >> 32)
    }

    private static func word(_ text: RawSpan, _ at: Int) -> UInt64 {
        UInt64(text.loadUInt32(at: at)) | UInt64(text.loadUInt32(at: at + 4)) << 32
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotated(lane &+ input &* prime2, 31) &* prime1
    }

    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
}
