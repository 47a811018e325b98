/// A few examples out of many, each of the last `window` or so as likely as any other, chosen without randomness so
/// that a replay keeps the same ones: an item's place in the stream is hashed, not drawn.
public struct Reservoir<Item: Sendable>: Sendable {
    public let capacity: Int
    public private(set) var items: [Item] = []
    private var offered: UInt64 = 0
    private let window: UInt64

    public init(capacity: Int, window: Int) {
        precondition(capacity > 0 && window >= capacity)
        self.capacity = capacity
        self.window = UInt64(window)
    }

    /// Where the next offered item would go; nil if it is not kept. Call `keep` or `skip` after it. O(1).
    public func place() -> Int? {
        if items.count < capacity { return items.count }
        var mixed = (offered &+ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
        mixed ^= mixed >> 29
        mixed = mixed &* 0x94D0_49BB_1331_11EB
        let slot = (mixed >> 11) % min(offered + 1, window)
        return slot < UInt64(capacity) ? Int(slot) : nil
    }

    public mutating func keep(_ item: Item, at place: Int) {
        if place < items.count { items[place] = item } else { items.append(item) }
        offered += 1
    }

    public mutating func skip() { offered += 1 }
}
