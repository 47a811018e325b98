import Bytes
import Records

/// Byte strings → dense numbers in order of first appearance. Keys live in one arena; open addressing, linear probing.
struct KeyTable: Sendable {
    private var slots: [UInt32]
    private var mask: Int
    private var hashes: [UInt32] = []
    private(set) var keys = StringColumn()

    init() {
        slots = [UInt32](repeating: .max, count: 64)
        mask = 63
    }

    var count: Int { hashes.count }
    /// Bytes held, roughly.
    var memoryBytes: Int { slots.count * 4 + hashes.count * 8 + keys.arena.count }

    /// The number of a key, given now if it is new. O(length) amortised.
    @inline(__always)
    mutating func insert(_ key: RawSpan) -> (number: Int, isNew: Bool) {
        let hash = UInt32(truncatingIfNeeded: hash64(key))
        var slot = Int(hash) & mask
        while true {
            let number = slots[slot]
            if number == .max { break }
            if hashes[Int(number)] == hash, keys[Int(number)].equals(key) { return (Int(number), false) }
            slot = (slot + 1) & mask
        }
        let number = hashes.count
        slots[slot] = UInt32(number)
        hashes.append(hash)
        keys.append(key)
        if hashes.count * 2 > slots.count { grow() }
        return (number, true)
    }

    func number(of key: RawSpan) -> Int? {
        let hash = UInt32(truncatingIfNeeded: hash64(key))
        var slot = Int(hash) & mask
        while slots[slot] != .max {
            let number = Int(slots[slot])
            if hashes[number] == hash, keys[number].equals(key) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        mask = slots.count * 2 - 1
        slots = [UInt32](repeating: .max, count: mask + 1)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(hash) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }
}

/// Several values as one key: each with its length in front.
enum TupleKey {
    static func append(_ value: RawSpan, to key: inout [UInt8]) {
        var rest = UInt64(value.byteCount)
        while rest >= 0x80 {
            key.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        key.append(UInt8(rest))
        key.append(copying: value)
    }

    static func parts(_ key: RawSpan) -> [ByteString] {
        var parts: [ByteString] = []
        var at = 0
        while at < key.byteCount {
            var length = 0
            var shift = 0
            while true {
                let byte = key[at]
                at += 1
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            parts.append(ByteString(key.slice(at, length)))
            at += length
        }
        return parts
    }
}
