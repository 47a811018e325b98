import Bytes

/// Bytes coded by their frequencies alone, in groups that are read by themselves: planes of numbers, codes and ranks
/// have little to repeat, and a lookup wants a few bytes of each.
///
/// `levels of frequencies | group shift u8 | fewest words varint, width u8, words of each group less the fewest,
/// packed | groups`. A group is its state u32 and its words u16.
enum RansFrame {
    /// Shorter runs do not win back their frequencies.
    static let floor = 384

    /// What bytes would take.
    struct Plan {
        fileprivate let levels: [UInt8]
        fileprivate let shift: Int
        let estimatedBytes: Int

        /// Nil where the bytes are too few or all the same. O(bytes).
        init?(_ bytes: RawSpan) {
            guard bytes.byteCount >= RansFrame.floor else { return nil }
            let counts = RansKernels.counts(bytes)
            guard let levels = RansKernels.levels(counts, total: bytes.byteCount) else { return nil }
            self.levels = levels
            let entropy = CodeCodec.entropyBits(counts.filter { $0 > 0 }, total: bytes.byteCount)
            let perGroup = entropy * Double(1 << RansFrame.smallestShift) / 8
            shift = perGroup >= 256 ? RansFrame.smallestShift : RansFrame.smallestShift + (perGroup >= 128 ? 1 : 2)
            let groups = RansKernels.groupCount(bytes.byteCount, shift: shift)
            let symbols = levels.count { $0 > 0 }
            estimatedBytes = Int(entropy * Double(bytes.byteCount) / 8) + groups * 4 + symbols / 2 + 8
        }
    }

    /// A lookup reads half of a group for each place that it wants; each group takes four bytes of its own.
    private static let smallestShift = 10

    /// The content of a frame. O(bytes).
    static func encode(_ bytes: RawSpan, _ plan: Plan) -> [UInt8] {
        let coded = RansKernels.encode(bytes, levels: plan.levels, shift: plan.shift)
        let fewest = coded.words.reduce(.max, min)
        let most = coded.words.reduce(0, max)
        var writer = ByteWriter(capacity: coded.groups.count + 512)
        writer.write(RansKernels.bytes(ofLevels: plan.levels))
        writer.write(UInt8(plan.shift))
        writer.writeVarint(UInt64(fewest))
        let width = BitPacking.width(of: UInt64(most - fewest))
        writer.write(UInt8(width))
        PackedBits.pack(coded.words.map { $0 - fewest }, width: width, to: &writer.bytes)
        writer.write(coded.groups)
        return writer.bytes
    }

    /// A frame's content before any byte is decoded.
    struct Layout {
        private let levels: [UInt8]
        private let ends: [UInt32]
        private let count: Int
        private let shift: Int
        /// Where the groups begin.
        private let start: Int

        /// Of `count` bytes. O(groups).
        init(_ packed: RawSpan, count: Int) throws(CorruptionError) {
            guard count > 0, let found = RansKernels.readLevels(packed) else {
                throw CorruptionError("frequencies cannot be", offset: 0)
            }
            levels = found.levels
            var reader = ByteReader(packed, at: found.byteCount)
            shift = Int(try reader.readUInt8())
            let fewest = UInt32(try reader.readCount(limit: 1 << RansKernels.highestShift))
            let width = try IntegerCodec.readWidth(&reader, limit: 16)
            guard (1...RansKernels.highestShift).contains(shift) else {
                throw CorruptionError("group shift \(shift)", offset: found.byteCount)
            }
            let groups = RansKernels.groupCount(count, shift: shift)
            // Each has a state: nothing is made room for that is not there.
            guard groups <= reader.remaining / 4 else {
                throw CorruptionError("groups cut short", offset: reader.offset)
            }
            let lengths = try reader.readSpan(PackedBits.byteCount(groups, width: width))
            let words = try PackedBits.unpack(lengths, count: groups, width: width, as: UInt32.self)
            start = reader.offset
            var ends: [UInt32] = []
            ends.reserveCapacity(groups)
            var end = 0
            for own in words {
                end += 4 + 2 * Int(fewest + own)
                ends.append(UInt32(truncatingIfNeeded: end))
                guard end <= reader.remaining else { throw CorruptionError("groups cut short", offset: start) }
            }
            guard end == reader.remaining else { throw CorruptionError("groups left over", offset: start) }
            self.ends = ends
            self.count = count
        }

        /// The bytes of a range, from the start of the first group on that holds any of it, and where that is.
        /// O(range + group).
        func bytes(_ packed: RawSpan, _ range: Range<Int>) throws(CorruptionError) -> (bytes: [UInt8], first: Int) {
            if range.isEmpty { return ([], range.lowerBound) }
            let bytes = RansKernels.decode(
                groups(packed), ends: ends, levels: levels, count: count, shift: shift, range)
            guard let bytes else { throw CorruptionError("groups cannot be", offset: start) }
            return (bytes, (range.lowerBound >> shift) << shift)
        }

        /// The bytes at some places, ascending. O(places + groups that hold them).
        func bytes(_ packed: RawSpan, at places: [Int]) throws(CorruptionError) -> [UInt8] {
            let bytes = RansKernels.gather(
                groups(packed), ends: ends, levels: levels, count: count, shift: shift, at: places)
            guard let bytes else { throw CorruptionError("groups cannot be", offset: start) }
            return bytes
        }

        @_lifetime(copy packed)
        private func groups(_ packed: RawSpan) -> RawSpan { packed.slice(start, packed.byteCount - start) }
    }
}
