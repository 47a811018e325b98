import Bytes

/// Which blocks of a segment hold an identifier: a static map from key to the group of blocks that has it first, and a
/// sorted list of the (key, group) pairs beyond the first. A group is one block, or some neighbours where a segment has
/// more than 32 blocks. The map doubles as the segment's filter: a key that no block has is turned away there, nearly
/// always.
///
/// Short identifiers (up to 16 hex digits: spans) stand apart from the others. They are most of all keys, hardly any
/// comes twice, and they are seldom looked up, so their map has 4 bits to tell strangers apart: one in 16 passes, and
/// costs a look at a column of binary values. The others' has 8.
///
/// `0 varint | length varint of the part of the short ones | that part | part of the others`, a part being
/// `blocks varint | group shift u8 | partition bits u8 | further pairs varint | per partition: map length varint |
/// maps | upper key halves u32 … | groups u8 …`, or nothing without keys. An index that begins with another number is
/// one part for all.
public enum IdentifierIndex {
    static let shortFingerprintBits = 4
    static let fingerprintBits = 8
    /// Groups take five bits in every cell, however many blocks there are.
    static let groupsLimit = 32
    /// Keys of one partition at most: what keeps its construction within a core's own cache.
    static let keysPerPartition = 1 << 16

    /// Collects the keys of one block after the other.
    public struct Builder: Sendable {
        private var short = Part(fingerprintBits: shortFingerprintBits)
        private var others = Part(fingerprintBits: fingerprintBits)

        public init() {}

        public var isEmpty: Bool { short.keyCount == 0 && others.keyCount == 0 }

        /// The keys of the next block, those of columns of short identifiers apart; repetitions do no harm.
        public mutating func addBlock(short shortKeys: [UInt64], others otherKeys: [UInt64]) {
            short.addBlock(shortKeys)
            others.addBlock(otherKeys)
        }

        /// Appends the index. O(keys).
        public func write(to writer: inout ByteWriter) {
            var part = ByteWriter(capacity: short.keyCount * 2)
            short.write(to: &part)
            writer.writeVarint(0)
            writer.writeCounted(part.bytes)
            others.write(to: &writer)
        }
    }

    /// The keys of one kind.
    private struct Part: Sendable {
        let fingerprintBits: Int
        /// One run a block.
        private var runs: [[UInt64]] = []
        private(set) var keyCount = 0

        init(fingerprintBits: Int) { self.fingerprintBits = fingerprintBits }

        mutating func addBlock(_ blockKeys: [UInt64]) {
            runs.append(blockKeys)
            keyCount += blockKeys.count
        }

        func write(to writer: inout ByteWriter) {
            if keyCount == 0 { return }
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
