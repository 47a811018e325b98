import Bytes

/// The counts of `LogBuckets` for several groups in one table, so that numbers are counted where they stand, without
/// being put together by group before. It holds 32 octaves around the numbers of the first group; what lies outside,
/// and groups without a part of the table, is left to the caller.
struct GroupedBuckets {
    /// Counts a group.
    private static let width = 1 << 14
    /// Groups that get a part: a table beyond the second-level cache gains nothing.
    private static let mostGroups = 64

    /// Where each group's counts begin; `UInt32.max` for none.
    private var bases: [UInt32] = []
    private var counts: [UInt32] = []
    private var first = 0

    var isEmpty: Bool { counts.isEmpty }
    var memoryBytes: Int { (bases.count + counts.count) * 4 }

    /// Gives a group its part of the table, if there is one left and the group's numbers lie within.
    mutating func take(_ group: Int, with buckets: LogBuckets) {
        guard let middle = buckets.middle, counts.count < Self.mostGroups * Self.width else { return }
        if counts.isEmpty { first = max(0, middle - Self.width / 2) }
        guard middle >= first, middle < first + Self.width else { return }
        grow(to: group + 1)
        guard bases[group] == .max else { return }
        bases[group] = UInt32(counts.count)
        counts += repeatElement(0, count: Self.width)
    }

    /// Counts the numbers of groups that have a part, and answers the indices of all others. Groups are below
    /// `groupCount`. O(numbers).
    mutating func count(_ numbers: [Double], groups: [UInt32], groupCount: Int) -> [UInt32] {
        grow(to: groupCount)
        return ColumnScans.countGrouped(
            numbers, groups: groups, bases: bases, shift: LogBuckets.shift, first: first, width: Self.width,
            into: &counts)
    }

    /// Calls `body` with the counts of each group that has a part, and the bucket of the first of them.
    func visit(_ body: (_ group: Int, _ counts: ArraySlice<UInt32>, _ first: Int) -> Void) {
        for (group, base) in bases.enumerated() where base != .max {
            body(group, counts[Int(base)..<Int(base) + Self.width], first)
        }
    }

    private mutating func grow(to groups: Int) {
        if groups > bases.count { bases += repeatElement(.max, count: groups - bases.count) }
    }
}
