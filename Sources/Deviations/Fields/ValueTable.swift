import Bytes

/// The distinct values of a field as small numbers, from 1; 0 is the missing value. Told apart by a 64-bit hash.
struct ValueTable: Sendable {
    /// A value that came after the table was full.
    static let overflow: UInt16 = 0xFFFF

    /// What is longer is a document, no name of something: it would be kept, saved and shown in full.
    private static let longestValue = 256

    let limit: Int
    private(set) var values: [ByteString] = [.empty]
    private var keys: [UInt64]
    private var codes: [UInt16]
    private let mask: Int
    /// Rows whose value found no room.
    var overflowed: UInt64 = 0

    init(limit: Int) {
        precondition(limit > 0 && limit < 0xFFFF)
        self.limit = limit
        var capacity = 16
        while capacity < 3 * limit { capacity *= 2 }
        keys = [UInt64](repeating: 0, count: capacity)
        codes = [UInt16](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    /// The number of distinct values.
    var count: Int { values.count - 1 }

    /// Values up to sixteen bytes, as nearly all are, are two overlapping words folded by a wide multiplication.
    @inline(__always)
    private static func hash(_ bytes: RawSpan) -> UInt64 {
        let count = bytes.byteCount
        guard count <= 16 else { return hash64(bytes) }
        var low: UInt64 = 0
        var high: UInt64 = 0
        if count >= 8 {
            low = bytes.loadUInt64(at: 0)
            high = bytes.loadUInt64(at: count - 8)
        } else if count >= 4 {
            low = UInt64(bytes.loadUInt32(at: 0))
            high = UInt64(bytes.loadUInt32(at: count - 4))
        } else {
            low = UInt64(bytes[0]) | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]) << 16
        }
        let product = (low ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
            by: high ^ 0xD6E8_FEB8_6659_FD93 ^ UInt64(count))
        return product.high ^ product.low
    }

    /// The code of a value (not empty), given one if there is room and it is not too long for a name. O(length).
    mutating func encode(_ bytes: RawSpan) -> UInt16 {
        bytes.byteCount <= Self.longestValue ? restore(bytes) : Self.overflow
    }

    /// The same for a value that was kept before, however long. O(length).
    mutating func restore(_ bytes: RawSpan) -> UInt16 {
        let key = Self.hash(bytes) | 1
        var place = Int(truncatingIfNeeded: key >> 32) & mask
        while keys[place] != 0 {
            if keys[place] == key { return codes[place] }
            place = (place + 1) & mask
        }
        guard count < limit else { return Self.overflow }
        let code = UInt16(values.count)
        keys[place] = key
        codes[place] = code
        values.append(ByteString(bytes))
        return code
    }
}
