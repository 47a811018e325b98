import Bytes
import Records

/// The distinct values of a column in the order of their first appearance, and each row's code.
struct DictionaryBuilder {
    /// One slice a distinct value: where it stood first.
    private(set) var values: [RecordBatch.Slice] = []
    private(set) var codes: [UInt32] = []
    /// How often each value stands in the column.
    private(set) var counts: [UInt32] = []

    private var hashes: [UInt32] = []
    /// Open addressing, twice as many slots as values: code + 1, 0 for free.
    private var slots: [UInt32]
    private var mask: Int
    /// Slices seen lately, by address: rows that share a slice (blocks read back share them) need neither hash nor
    /// comparison.
    private var recentSlices: [UInt64]
    private var recentCodes: [UInt32]
    private static let recentMask = 1023

    /// Nil once the column has too many distinct values to gain from a dictionary. O(rows + bytes).
    init?(_ slices: [RecordBatch.Slice], _ arena: RawSpan, limit: Int) {
        let capacity = slices.count < 512 ? 256 : 1024
        slots = [UInt32](repeating: 0, count: capacity)
        mask = capacity - 1
        recentSlices = [UInt64](repeating: .max, count: slices.count < 512 ? 1 : Self.recentMask + 1)
        recentCodes = [UInt32](repeating: 0, count: recentSlices.count)
        codes.reserveCapacity(slices.count)
        let recentMask = recentSlices.count - 1
        // The first rows tell a column of unique values early.
        let probe = 512
        var previous = UInt64.max
        var previousCode: UInt32 = 0
        for (row, slice) in slices.enumerated() {
            let address = UInt64(slice.offset) << 32 | UInt64(slice.length)
            if address == previous {
                counts[Int(previousCode)] += 1
                codes.append(previousCode)
                continue
            }
            let recent = Int(truncatingIfNeeded: (address &* 0x9E37_79B9_7F4A_7C15) >> 52) & recentMask
            var code = recentCodes[recent]
            if recentSlices[recent] == address {
                counts[Int(code)] += 1
            } else {
                code = insert(slice, arena)
                recentSlices[recent] = address
                recentCodes[recent] = code
                if values.count > limit { return nil }
                if row == probe, values.count > probe * 7 / 8 { return nil }
            }
            codes.append(code)
            previous = address
            previousCode = code
        }
    }

    private mutating func insert(_ slice: RecordBatch.Slice, _ arena: RawSpan) -> UInt32 {
        let value = arena.slice(Int(slice.offset), Int(slice.length))
        let hash = UInt32(truncatingIfNeeded: hash64(value))
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let code = slots[slot] - 1
            if hashes[Int(code)] == hash {
                let known = values[Int(code)]
                if known.length == slice.length, arena.slice(Int(known.offset), Int(known.length)).equals(value) {
                    counts[Int(code)] += 1
                    return code
                }
            }
            slot = (slot + 1) & mask
        }
        let code = UInt32(values.count)
        slots[slot] = code + 1
        values.append(slice)
        hashes.append(hash)
        counts.append(1)
        if values.count * 2 > slots.count { grow() }
        return code
    }

    private mutating func grow() {
        mask = slots.count * 4 - 1
        slots = [UInt32](repeating: 0, count: mask + 1)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(code) + 1
        }
    }
}
