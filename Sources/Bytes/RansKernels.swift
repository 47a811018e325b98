import CKernels

/// Entropy coding of bytes by one table of frequencies (rANS, Duda 2014), in groups that are read by themselves.
public enum RansKernels {
    /// Levels of frequencies are 0 for a byte that does not stand there, else one more than quarters of an octave above
    /// 2^-14.
    public static let highestLevel = UInt8(plumb_rans_highest_level)
    public static let highestShift = Int(plumb_rans_highest_shift)

    /// How often each of the 256 bytes stands there. O(bytes).
    public static func counts(_ bytes: RawSpan) -> [UInt32] {
        // The kernel reads the span and writes 256 counts.
        unsafe [UInt32](unsafeUninitializedCapacity: 256) { counts, count in
            unsafe bytes.withUnsafeBytes { unsafe plumb_byte_counts($0.baseAddress, $0.count, counts.baseAddress) }
            count = 256
        }
    }

    /// The 256 levels of frequencies; nil where fewer than two bytes are told apart. O(1).
    public static func levels(_ counts: [UInt32], total: Int) -> [UInt8]? {
        precondition(counts.count == 256 && total > 0)
        // The kernels read and write 256 entries.
        let levels = unsafe [UInt8](unsafeUninitializedCapacity: 256) { levels, count in
            unsafe plumb_rans_levels(counts, total, levels.baseAddress)
            count = 256
        }
        return areFrequencies(levels) ? levels : nil
    }

    /// Whether 256 levels stand for frequencies. O(1).
    public static func areFrequencies(_ levels: [UInt8]) -> Bool {
        precondition(levels.count == 256)
        // The kernel reads and writes 256 entries.
        return unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 256) { frequencies in
            unsafe plumb_rans_frequencies(levels, frequencies.baseAddress) != 0
        }
    }

    /// Levels as they are stored. O(1).
    public static func bytes(ofLevels levels: [UInt8]) -> [UInt8] {
        precondition(levels.count == 256)
        // The kernel reads 256 entries and writes 1,536 bytes at most.
        return unsafe [UInt8](unsafeUninitializedCapacity: 1_536) { output, count in
            count = unsafe plumb_rans_write_levels(levels, output.baseAddress)
        }
    }

    /// The levels that a span begins with, and the bytes that they take; nil for what cannot be. O(1).
    public static func readLevels(_ span: RawSpan) -> (levels: [UInt8], byteCount: Int)? {
        var taken = 0
        // The kernel reads the span and writes 256 entries.
        let levels = unsafe [UInt8](unsafeUninitializedCapacity: 256) { levels, count in
            taken = unsafe span.withUnsafeBytes {
                unsafe plumb_rans_read_levels($0.baseAddress, $0.count, levels.baseAddress)
            }
            count = taken == 0 ? 0 : 256
        }
        return taken == 0 ? nil : (levels, taken)
    }

    /// Bytes, each of which has a level, in groups of `1 << shift`, one behind the other; and of each group the number
    /// of words of two bytes behind its first two. O(bytes).
    public static func encode(_ bytes: RawSpan, levels: [UInt8], shift: Int) -> (groups: [UInt8], words: [UInt32]) {
        precondition(levels.count == 256 && (1...highestShift).contains(shift) && areFrequencies(levels))
        let bound = plumb_rans_bound(bytes.byteCount, UInt32(shift))
        let groupCount = groupCount(bytes.byteCount, shift: shift)
        var words: [UInt32] = []
        // The kernel writes `bound` bytes at most, and a number for each group.
        let groups = unsafe [UInt8](unsafeUninitializedCapacity: bound) { groups, count in
            unsafe words = [UInt32](unsafeUninitializedCapacity: groupCount) { words, wordCount in
                count = unsafe bytes.withUnsafeBytes {
                    unsafe plumb_rans_encode(
                        levels, $0.baseAddress, $0.count, UInt32(shift), groups.baseAddress, words.baseAddress)
                }
                wordCount = groupCount
            }
        }
        return (groups, words)
    }

    public static func groupCount(_ count: Int, shift: Int) -> Int { (count + (1 << shift) - 1) >> shift }

    /// The bytes of a range of `count` in all, from the start of the group that holds the first of them; nil where the
    /// groups cannot be. `ends` holds the end of each group, ascending, none beyond `groups`. O(range + group).
    public static func decode(
        _ groups: RawSpan, ends: [UInt32], levels: [UInt8], count: Int, shift: Int, _ range: Range<Int>
    ) -> [UInt8]? {
        check(groups, ends, levels, count, shift)
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let first = (range.lowerBound >> shift) << shift
        var isFine = false
        // The kernel reads the groups between their ends, and writes as many bytes as are counted here.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.upperBound - first) { bytes, written in
            isFine = unsafe groups.withUnsafeBytes {
                unsafe plumb_rans_decode(
                    levels, $0.baseAddress, ends, count, UInt32(shift), first, range.upperBound, bytes.baseAddress) != 0
            }
            written = isFine ? range.upperBound - first : 0
        }
        return isFine ? bytes : nil
    }

    /// The bytes at some positions (ascending, below `count`); nil where the groups cannot be. O(positions + groups
    /// that hold them).
    public static func gather(
        _ groups: RawSpan, ends: [UInt32], levels: [UInt8], count: Int, shift: Int, at positions: [Int]
    ) -> [UInt8]? {
        check(groups, ends, levels, count, shift)
        var previous = 0
        for position in positions {
            precondition(position >= previous && position < count)
            previous = position
        }
        let wanted = positions.map(Int64.init)
        var isFine = false
        // The kernel reads the groups between their ends, and writes a byte for each position.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted.count) { bytes, written in
            isFine = unsafe groups.withUnsafeBytes {
                unsafe plumb_rans_gather(
                    levels, $0.baseAddress, ends, count, UInt32(shift), wanted, wanted.count, bytes.baseAddress) != 0
            }
            written = isFine ? wanted.count : 0
        }
        return isFine ? bytes : nil
    }

    private static func check(_ groups: RawSpan, _ ends: [UInt32], _ levels: [UInt8], _ count: Int, _ shift: Int) {
        precondition(levels.count == 256 && (1...highestShift).contains(shift))
        precondition(ends.count == groupCount(count, shift: shift))
        var previous: UInt32 = 0
        for end in ends {
            // A group is a state of four bytes and words of two, which are read as wholes.
            precondition(end >= previous + 4 && (end - previous) % 2 == 0 && Int(end) <= groups.byteCount)
            previous = end
        }
    }
}
