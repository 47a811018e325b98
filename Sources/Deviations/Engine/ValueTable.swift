import Bytes

/// The distinct values of a field as small numbers, from 1; 0 is the missing value. Told apart by a 64-bit hash.
struct ValueTable: Sendable {
    /// A value that came after the table was full.
    static let overflow: UInt16 = 0xFFFF

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

    /// The code of a value, given one if there is room. O(length).
    mutating func encode(_ bytes: RawSpan) -> UInt16 {
        let key = hash64(bytes) | 1
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
