import Bytes

/// Which blocks of a segment hold an identifier: a static map from key to the group of blocks that has it first, and a
/// sorted list of the (key, group) pairs beyond the first. A group is one block, or some neighbours where a segment has
/// more than 32 blocks. The map doubles as the segment's filter: a key that no block has is turned away there, all but
/// one in 64.
///
/// `blocks varint | group shift u8 | partition bits u8 | further pairs varint | per partition: map length varint |
/// maps | upper key halves u32 … | groups u8 …`.
public enum IdentifierIndex {
    static let fingerprintBits = 6
    /// Groups take five bits in every cell, however many blocks there are.
    static let groupsLimit = 32
    /// Keys of one partition at most: what keeps its construction within a core's own cache.
    static let keysPerPartition = 1 << 16

    /// Collects the keys of one block after the other.
    public struct Builder: Sendable {
        private var keys: [UInt64] = []
        private var blocks: [UInt32] = []
        private var blockCount: UInt32 = 0

        public init() {}

        public var isEmpty: Bool { keys.isEmpty }

        /// The keys of the next block; repetitions do no harm.
        public mutating func addBlock(_ blockKeys: [UInt64]) {
            keys.append(contentsOf: blockKeys)
            blocks.append(contentsOf: repeatElement(blockCount, count: blockKeys.count))
            blockCount += 1
        }

        /// Appends the index. O(keys).
        public func write(to writer: inout ByteWriter) {
            var shift = 0
            while Int(blockCount) > groupsLimit << shift { shift += 1 }
            let groupCount = max(1, (Int(blockCount) + (1 << shift) - 1) >> shift)
            var partitionBits = 0
            while keys.count > keysPerPartition << partitionBits, partitionBits < 12 { partitionBits += 1 }
            let valueBits = BitPacking.width(of: UInt64(groupCount - 1))
            var maps = ByteWriter(capacity: keys.count * 2)
            var lengths: [Int] = []
            var further: [Further] = []
            let (order, starts) = partitioned(bits: partitionBits)
            for partition in 0..<(1 << partitionBits) {
                let positions = order[starts[partition]..<starts[partition + 1]]
                let (unique, groups) = firsts(positions, shift: shift, &further)
                let start = maps.count
                BinaryFuseMap.write(
                    unique, values: groups, fingerprintBits: fingerprintBits, valueBits: valueBits, to: &maps)
                lengths.append(maps.count - start)
            }
            further.sort { ($0.upper, $0.group) < ($1.upper, $1.group) }
            writer.writeVarint(Int(blockCount))
            writer.write(UInt8(shift))
            writer.write(UInt8(partitionBits))
            writer.writeVarint(further.count)
            for length in lengths { writer.writeVarint(length) }
            writer.write(maps.bytes)
            for pair in further { writer.write(pair.upper) }
            for pair in further { writer.write(UInt8(pair.group)) }
        }

        struct Further {
            var upper: UInt32
            var group: UInt32
        }

        /// Positions in `keys` by the highest bits of the key, and where each partition begins among them.
        private func partitioned(bits: Int) -> (order: [UInt32], starts: [Int]) {
            guard bits > 0 else { return (Array(0..<UInt32(keys.count)), [0, keys.count]) }
            let shift = UInt64(64 - bits)
            var starts = [Int](repeating: 0, count: 1 << bits + 1)
            for key in keys { starts[Int(key >> shift) + 1] += 1 }
            for partition in 0..<(1 << bits) { starts[partition + 1] += starts[partition] }
            var next = starts
            var order = [UInt32](repeating: 0, count: keys.count)
            for (position, key) in keys.enumerated() {
                let partition = Int(key >> shift)
                order[next[partition]] = UInt32(position)
                next[partition] += 1
            }
            return (order, starts)
        }

        /// Every distinct key with its first group; the groups after the first go to `further`.
        private func firsts(
            _ positions: ArraySlice<UInt32>, shift: Int, _ further: inout [Further]
        ) -> (keys: [UInt64], groups: [UInt32]) {
            var known = KeySet(expected: positions.count)
            var groups: [UInt32] = []
            var latest: [UInt32] = []
            groups.reserveCapacity(positions.count)
            latest.reserveCapacity(positions.count)
            for position in positions {
                let key = keys[Int(position)]
                let group = blocks[Int(position)] >> UInt32(shift)
                let (place, isNew) = known.place(of: key)
                if isNew {
                    groups.append(group)
                    latest.append(group)
                } else if latest[place] != group {
                    latest[place] = group
                    further.append(Further(upper: UInt32(truncatingIfNeeded: key >> 32), group: group))
                }
            }
            return (known.keys, groups)
        }
    }
}
