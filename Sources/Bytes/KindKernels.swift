import CKernels

/// Columns of codes that are kept by the kind of each row, which another column's codes tell.
public enum KindKernels {
    /// The codes that stand with each kind.
    public struct Members {
        /// How many each kind has.
        public let sizes: [UInt32]
        /// Kind by kind, ascending within each.
        public let codes: [UInt32]
        /// How often each of these stands with its kind.
        public let counts: [UInt32]
    }

    /// Nil where there are more than `room` pairs of a kind and a code. Kinds are below `kindCount`, codes below
    /// `limit`. O(rows + kinds × codes).
    public static func members(
        _ codes: [UInt32], limit: Int, by kinds: [UInt32], kindCount: Int, room: Int
    ) -> Members? {
        check(codes, limit: limit, kinds, kindCount: kindCount)
        var found = 0
        var sizes: [UInt32] = []
        var counts: [UInt32] = []
        let pairs = unsafe [UInt32](unsafeUninitializedCapacity: kindCount * limit) { pairs, count in
            unsafe pairs.initialize(repeating: 0)
            // Kinds and codes are within their limits, as just checked.
            unsafe plumb_count_by_kind(kinds, codes, codes.count, limit, pairs.baseAddress)
            count = kindCount * limit
        }
        // The kernel writes a size for each kind and `room` members at most, and answers how many.
        let members = unsafe [UInt32](unsafeUninitializedCapacity: room) { members, memberCount in
            unsafe counts = [UInt32](unsafeUninitializedCapacity: room) { counts, countCount in
                unsafe sizes = [UInt32](unsafeUninitializedCapacity: kindCount) { sizes, sizeCount in
                    unsafe sizes.initialize(repeating: 0)
                    found = unsafe plumb_members(
                        pairs, kindCount, limit, sizes.baseAddress, members.baseAddress, counts.baseAddress, room)
                    sizeCount = kindCount
                }
                countCount = min(found, room)
            }
            memberCount = min(found, room)
        }
        return found > room ? nil : Members(sizes: sizes, codes: members, counts: counts)
    }

    /// For each row of a kind with a step of 1 the rank of its code, `ranks[kind * limit + code]`, from the kind's
    /// start on: `total` of them. O(rows).
    public static func ranks(
        of codes: [UInt32], limit: Int, by kinds: [UInt32], _ ranks: [UInt8], starts: [UInt32], steps: [UInt32],
        total: Int
    ) -> [UInt8] {
        precondition(ranks.count == starts.count * limit && steps.count == starts.count)
        check(codes, limit: limit, kinds, kindCount: starts.count)
        checkPlaces(kinds, starts: starts, steps: steps, total: total)
        var next = starts
        // One byte more than there are: rows of kinds that do not move write where others may, at most at `total`.
        var output = [UInt8](repeating: 0, count: total + 1)
        // All places are within the output, as just checked. Kinds that do not move start behind all others.
        unsafe plumb_ranks_by_kind(kinds, codes, codes.count, limit, ranks, steps, &next, &output)
        output.removeLast()
        return output
    }

    /// The code of each row: `members[firsts[kind] + rank]`, the rank being the kind's next one where its step is 1,
    /// else 0. Nil where a rank does not name a member of its kind. O(rows).
    public static func codes(
        by kinds: [UInt32], _ ranks: [UInt8], starts: [UInt32], steps: [UInt32], firsts: [UInt32], sizes: [UInt32],
        members: [UInt32]
    ) -> [UInt32]? {
        precondition(steps.count == starts.count && firsts.count == starts.count && sizes.count == starts.count)
        precondition(kinds.isEmpty || CodeKernels.largest(kinds) < starts.count)
        checkPlaces(kinds, starts: starts, steps: steps, total: ranks.count)
        for kind in starts.indices {
            guard Int(firsts[kind]) + Int(sizes[kind]) <= members.count else { return nil }
        }
        let counts = CodeKernels.counts(kinds, limit: starts.count)
        for kind in starts.indices where counts[kind] > 0 {
            guard sizes[kind] > 0 else { return nil }
            guard steps[kind] == 1 else { continue }
            var largest: UInt8 = 0
            for place in Int(starts[kind])..<(Int(starts[kind]) + counts[kind]) {
                largest = max(largest, ranks[place])
            }
            guard UInt32(largest) < sizes[kind] else { return nil }
        }
        var next = starts
        let padded = ranks + [0]
        // Places and members are within the arrays, as just checked; all codes are written.
        return unsafe [UInt32](unsafeUninitializedCapacity: kinds.count) { codes, count in
            unsafe plumb_codes_by_kind(
                kinds, kinds.count, firsts, steps, &next, padded, members, codes.baseAddress)
            count = kinds.count
        }
    }

    /// For each of some rows (ascending, below the number of kinds) and each kind below `size`, how many rows of the
    /// kind stand before it. O(kinds + rows × size).
    public static func countsBefore(_ rows: [Int], _ kinds: [UInt32], size: Int) -> [UInt32] {
        precondition(kinds.isEmpty || CodeKernels.largest(kinds) < size)
        var counts = [UInt32](repeating: 0, count: size)
        var all: [UInt32] = []
        all.reserveCapacity(rows.count * size)
        var next = 0
        for row in rows {
            precondition(row >= next && row < kinds.count)
            // The kernel reads the rows up to this one and counts at kinds below `size`, as just checked.
            unsafe kinds.withUnsafeBufferPointer { kinds in
                guard let start = kinds.baseAddress else { return }
                unsafe plumb_add_counts(start + next, row - next, &counts)
            }
            next = row
            all.append(contentsOf: counts)
        }
        return all
    }

    private static func check(_ codes: [UInt32], limit: Int, _ kinds: [UInt32], kindCount: Int) {
        precondition(codes.count == kinds.count)
        precondition(codes.isEmpty || (CodeKernels.largest(codes) < limit && CodeKernels.largest(kinds) < kindCount))
    }

    /// The places of moving kinds end at `total` at most, and the others stand there.
    private static func checkPlaces(_ kinds: [UInt32], starts: [UInt32], steps: [UInt32], total: Int) {
        let counts = CodeKernels.counts(kinds, limit: starts.count)
        for kind in starts.indices {
            precondition(steps[kind] <= 1)
            precondition(
                steps[kind] == 1 ? Int(starts[kind]) + counts[kind] <= total : Int(starts[kind]) == total)
        }
    }
}
