import Bytes

extension IdentifierIndex {
    /// An index read in place: where its parts stand in the span that is given with each question.
    public struct Reader: Sendable {
        /// Where each part stands; nil without keys. A key that is short may be in both.
        private let short: PartReader?
        private let others: PartReader?

        public init(_ index: RawSpan) throws(CorruptionError) {
            var reader = ByteReader(index)
            guard try reader.readVarint() == 0 else {
                short = nil
                others = try PartReader(index, at: 0)
                return
            }
            let length = try reader.readCount(limit: reader.remaining)
            let start = reader.offset
            try reader.skip(length)
            short = length == 0 ? nil : try PartReader(index.slice(0, start + length), at: start)
            others = start + length == index.byteCount ? nil : try PartReader(index, at: start + length)
        }

        /// The blocks that may hold a key, ascending; none for nearly every key that no block holds. O(log further).
        public func blocks(_ key: IdentifierKey, in index: RawSpan) -> [Int] {
            var found = others?.blocks(key.hash, in: index) ?? []
            if let former = key.formerHash { found = Set(found + (others?.blocks(former, in: index) ?? [])).sorted() }
            guard key.isShort, let more = short?.blocks(key.hash, in: index), !more.isEmpty else { return found }
            return found.isEmpty ? more : Set(found + more).sorted()
        }

        /// False for nearly every key that no block holds. O(1).
        public func mayContain(_ key: IdentifierKey, in index: RawSpan) -> Bool {
            if key.isShort, short?.mayContain(key.hash, in: index) ?? false { return true }
            if let former = key.formerHash, others?.mayContain(former, in: index) ?? false { return true }
            return others?.mayContain(key.hash, in: index) ?? false
        }
    }

    /// The keys of one kind, read in place. Offsets count from the start of the whole index.
    private struct PartReader: Sendable {
        private let blockCount: Int
        private let shift: Int
        private let partitionBits: Int
        /// Start and length of each partition's map.
        private let maps: [Range<Int>]
        private let upperKeys: Range<Int>
        private let furtherCount: Int

        /// The part that begins at `start` and ends where the span does.
        init(_ index: RawSpan, at start: Int) throws(CorruptionError) {
            var reader = ByteReader(index, at: start)
            blockCount = try reader.readCount(limit: 1 << 24)
            shift = Int(try reader.readUInt8())
            partitionBits = Int(try reader.readUInt8())
            furtherCount = try reader.readCount(limit: index.byteCount)
            guard shift <= 24, partitionBits <= 12 else { throw CorruptionError("identifier index", offset: start) }
            var lengths: [Int] = []
            for _ in 0..<(1 << partitionBits) { lengths.append(try reader.readCount(limit: index.byteCount)) }
            var ranges: [Range<Int>] = []
            var next = reader.offset
            for length in lengths {
                ranges.append(next..<(next + length))
                next += length
            }
            maps = ranges
            upperKeys = next..<(next + 4 * furtherCount)
            guard upperKeys.upperBound + furtherCount == index.byteCount else {
                throw CorruptionError("identifier index of another length", offset: next)
            }
        }

        /// The blocks that may hold a key, ascending; none for nearly every key that no block holds. O(log further).
        func blocks(_ key: UInt64, in index: RawSpan) -> [Int] {
            let range = maps[partitionBits == 0 ? 0 : Int(key >> UInt64(64 - partitionBits))]
            guard let first = BinaryFuseMap.find(key, in: index.extracting(range)) else { return [] }
            var groups = [Int(first)]
            let upper = UInt32(truncatingIfNeeded: key >> 32)
            var place = lowerBound(upper, in: index)
            while place < furtherCount, index.loadUInt32(at: upperKeys.lowerBound + 4 * place) == upper {
                groups.append(Int(index[upperKeys.upperBound + place]))
                place += 1
            }
            var blocks: [Int] = []
            for group in Set(groups).sorted() {
                // A key that no block holds may pass the filter, with any number as its group.
                let start = group << shift
                for block in start..<max(start, min(blockCount, (group + 1) << shift)) { blocks.append(block) }
            }
            return blocks
        }

        /// False for nearly every key that no block holds. O(1).
        func mayContain(_ key: UInt64, in index: RawSpan) -> Bool {
            let range = maps[partitionBits == 0 ? 0 : Int(key >> UInt64(64 - partitionBits))]
            return BinaryFuseMap.find(key, in: index.extracting(range)) != nil
        }

        private func lowerBound(_ upper: UInt32, in index: RawSpan) -> Int {
            var low = 0
            var high = furtherCount
            while low < high {
                let middle = (low + high) / 2
                if index.loadUInt32(at: upperKeys.lowerBound + 4 * middle) < upper {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }
}
