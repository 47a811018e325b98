/// The miner's fast path: from the hash of a message's parts to the number of its shape. Two places a hash; a full pair
/// forgets its younger entry, so that a stream of rare messages cannot push out the frequent ones. Fixed size.
struct ShapeCache: Sendable {
    private var keys: [UInt64]
    private var numbers: [Int32]
    private static let pairs = 1 << 14

    init() {
        keys = [UInt64](repeating: 0, count: 2 * Self.pairs)
        numbers = [Int32](repeating: -1, count: 2 * Self.pairs)
    }

    /// O(1).
    func find(_ key: UInt64) -> Int? {
        let at = Self.place(key)
        if keys[at] == key && numbers[at] >= 0 { return Int(numbers[at]) }
        if keys[at + 1] == key && numbers[at + 1] >= 0 { return Int(numbers[at + 1]) }
        return nil
    }

    /// O(1).
    mutating func insert(_ key: UInt64, _ number: Int) {
        let at = Self.place(key)
        let free = numbers[at] < 0 ? at : at + 1
        keys[free] = key
        numbers[free] = Int32(number)
    }

    private static func place(_ key: UInt64) -> Int { 2 * Int(key >> 20 & UInt64(pairs - 1)) }
}
