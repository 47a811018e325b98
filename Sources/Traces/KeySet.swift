/// A growing set of 64-bit keys that are already well mixed: open addressing, no hashing of its own.
public struct KeySet: Sendable {
    /// In the order of their first insertion.
    public internal(set) var keys: [UInt64] = []
    /// Position + 1 in `keys`, 0 for free; at least twice as many as keys.
    @usableFromInline var slots: [UInt32] = []
    @usableFromInline var mask = 0

    public init() {}

    /// With room for `expected` keys.
    public init(expected: Int) {
        keys.reserveCapacity(expected)
        var size = 64
        while size < 2 * expected { size *= 2 }
        mask = size - 1
        slots = [UInt32](repeating: 0, count: size)
    }

    /// True where the key was not there before. O(1) amortised.
    @inlinable
    @discardableResult
    public mutating func insert(_ key: UInt64) -> Bool { place(of: key).isNew }

    /// The position of a key in `keys`, inserted if it is not there. O(1) amortised.
    @inlinable
    public mutating func place(of key: UInt64) -> (place: Int, isNew: Bool) {
        if keys.count * 2 >= slots.count { grow() }
        var slot = Int(truncatingIfNeeded: key) & mask
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if keys[place] == key { return (place, false) }
            slot = (slot + 1) & mask
        }
        append(key, at: slot)
        return (keys.count - 1, true)
    }

    @usableFromInline
    mutating func append(_ key: UInt64, at slot: Int) {
        keys.append(key)
        slots[slot] = UInt32(keys.count)
    }

    public mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = 0 }
    }

    @usableFromInline
    mutating func grow() {
        let size = max(64, slots.count * 4)
        mask = size - 1
        slots = [UInt32](repeating: 0, count: size)
        for (position, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(position) + 1
        }
    }
}
