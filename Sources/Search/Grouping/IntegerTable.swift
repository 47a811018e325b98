/// 64-bit keys → dense numbers in order of first appearance. Open addressing, linear probing, at most half full.
struct IntegerTable {
    private var slots: [UInt32]
    private var mask: Int
    private(set) var keys: [UInt64] = []

    init(capacity: Int = 16) {
        var size = 32
        while size < capacity * 2 { size *= 2 }
        slots = [UInt32](repeating: .max, count: size)
        mask = size - 1
    }

    var count: Int { keys.count }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        let mixed = (key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 29)
    }

    /// The number of a key, given now if it is new. O(1) amortised.
    @inline(__always)
    mutating func number(of key: UInt64) -> UInt32 {
        var slot = Self.hash(key) & mask
        while true {
            let number = slots[slot]
            if number == .max { return insert(key, at: slot) }
            if keys[Int(number)] == key { return number }
            slot = (slot + 1) & mask
        }
    }

    private mutating func insert(_ key: UInt64, at slot: Int) -> UInt32 {
        let number = UInt32(keys.count)
        slots[slot] = number
        keys.append(key)
        if keys.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        mask = slots.count * 2 - 1
        slots = [UInt32](repeating: .max, count: mask + 1)
        for (number, key) in keys.enumerated() {
            var slot = Self.hash(key) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }
}
