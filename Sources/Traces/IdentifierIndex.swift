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
        /// One run a block.
        private var runs: [[UInt64]] = []
        private var keyCount = 0

        public init() {}

        public var isEmpty: Bool { keyCount == 0 }

        /// The keys of the next block; repetitions do no harm.
        public mutating func addBlock(_ blockKeys: [UInt64]) {
            runs.append(blockKeys)
            keyCount += blockKeys.count
        }

        /// Appends the index. O(keys).
        public func write(to writer: inout ByteWriter) {
            var shift = 0
            while runs.count > groupsLimit << shift { shift += 1 }
            let groupCount = max(1, (runs.count + (1 << shift) - 1) >> shift)
            var partitionBits = 0
            while keyCount > keysPerPartition << partitionBits, partitionBits < 12 { partitionBits += 1 }
            let valueBits = BitPacking.width(of: UInt64(groupCount - 1))
            var maps = ByteWriter(capacity: keyCount * 2)
            var lengths: [Int] = []
            var further: [UInt64] = []
            let partitions = FuseKernels.partitions(
                runs, groups: runs.indices.map { UInt8($0 >> shift) }, bits: partitionBits)
            for partition in 0..<(1 << partitionBits) {
                let firsts = FuseKernels.firstGroups(partitions, partition)
                further += firsts.further
                let start = maps.count
                BinaryFuseMap.write(
                    firsts.keys, values: firsts.groups, fingerprintBits: fingerprintBits, valueBits: valueBits,
                    to: &maps)
                lengths.append(maps.count - start)
            }
            // By the upper half of the key, then by group.
            further.sort()
            writer.writeVarint(runs.count)
            writer.write(UInt8(shift))
            writer.write(UInt8(partitionBits))
            writer.writeVarint(further.count)
            for length in lengths { writer.writeVarint(length) }
            writer.write(maps.bytes)
            for pair in further { writer.write(UInt32(truncatingIfNeeded: pair >> 8)) }
            for pair in further { writer.write(UInt8(truncatingIfNeeded: pair)) }
        }
    }
}
