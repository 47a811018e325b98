/// The most frequent keys of a stream in constant space (Space-Saving: Metwally, Agrawal and El Abbadi, 2005).
///
/// Any key that occurs more than `total / capacity` times is held, and a held count is at most `error` too large.
public struct HeavyHitters: Sendable {
    public struct Entry: Sendable, Equatable {
        public var key: UInt64
        public var count: UInt64
        /// How much of `count` may belong to keys that this one pushed out.
        public var error: UInt64
    }

    public let capacity: Int
    public private(set) var total: UInt64 = 0
    private var entries: [Entry] = []
    private var positions: [UInt64: Int] = [:]

    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Counts a key; answers the key that had to make room for it. O(1) for a held key, O(capacity) for a new one.
    @discardableResult
    public mutating func add(_ key: UInt64, count: UInt64 = 1) -> UInt64? {
        total += count
        if let position = positions[key] {
            entries[position].count += count
            return nil
        }
        if entries.count < capacity {
            positions[key] = entries.count
            entries.append(Entry(key: key, count: count, error: 0))
            return nil
        }
        var least = 0
        for index in entries.indices where entries[index].count < entries[least].count { least = index }
        let evicted = entries[least]
        positions[evicted.key] = nil
        positions[key] = least
        entries[least] = Entry(key: key, count: evicted.count + count, error: evicted.count)
        return evicted.key
    }

    public func contains(_ key: UInt64) -> Bool { positions[key] != nil }

    /// Largest count first, equal counts by key. O(capacity log capacity).
    public var ranked: [Entry] { entries.sorted { ($0.count, $1.key) > ($1.count, $0.key) } }
}
