import CKernels

/// Building blocks of static maps of keys; `BinaryFuseMap` says what they are for.
public enum FuseKernels {
    /// Where the three cells of a key lie.
    public struct Shape {
        public var seed: UInt64
        public var segmentBits: Int
        public var segmentCount: Int

        public init(seed: UInt64, segmentBits: Int, segmentCount: Int) {
            self.seed = seed
            self.segmentBits = segmentBits
            self.segmentCount = segmentCount
        }

        var cellCount: Int { (segmentCount + 2) << segmentBits }
        var kernel: plumb_fuse_shape {
            plumb_fuse_shape(seed: seed, segment_bits: UInt32(segmentBits), segment_count: UInt32(segmentCount))
        }
    }

    /// An order in which keys can be given their cells.
    public struct Peeling {
        fileprivate var hashes: [UInt64]
        fileprivate var order: [UInt64]
        fileprivate let shape: Shape
    }

    /// Keys with the group of each, laid out by the highest bits of the key.
    public struct Partitions {
        public fileprivate(set) var keys: [UInt64]
        public fileprivate(set) var groups: [UInt8]
        /// Where each partition begins, then the number of keys.
        public fileprivate(set) var starts: [Int]
    }

    /// Lays runs of keys out by the highest `bits` of each, 0…31, in their order; `groups` has one a run. O(keys).
    public static func partitions(_ runs: [[UInt64]], groups: [UInt8], bits: Int) -> Partitions {
        precondition(runs.count == groups.count && (0..<32).contains(bits))
        let count = runs.reduce(0) { $0 + $1.count }
        precondition(count <= UInt32.max)
        guard bits > 0 else {
            var all: [UInt8] = []
            all.reserveCapacity(count)
            for (run, group) in zip(runs, groups) { all.append(contentsOf: repeatElement(group, count: run.count)) }
            return Partitions(keys: Array(runs.joined()), groups: all, starts: [0, count])
        }
        let shift = UInt32(64 - bits)
        var next = [UInt32](repeating: 0, count: 1 << bits + 1)
        // The kernel counts within the 2^bits partitions of 64-bit keys, one further each.
        for run in runs { unsafe plumb_count_partitions(run, run.count, shift, &next) }
        for partition in 0..<(1 << bits) { next[partition + 1] += next[partition] }
        let starts = next.map(Int.init)
        var sortedGroups: [UInt8] = []
        // Every key has the place that was counted for it, so all elements of both are written.
        let keys = unsafe [UInt64](unsafeUninitializedCapacity: count) { keys, keyCount in
            unsafe sortedGroups = [UInt8](unsafeUninitializedCapacity: count) { sorted, groupCount in
                for (run, group) in zip(runs, groups) {
                    unsafe plumb_partition_keys(
                        run, run.count, group, shift, &next, keys.baseAddress, sorted.baseAddress)
                }
                groupCount = count
            }
            keyCount = count
        }
        return Partitions(keys: keys, groups: sortedGroups, starts: starts)
    }

    /// The distinct keys of one partition with the first group of each, and `key >> 32 << 8 | group` for each group of
    /// a key after its first. Groups ascend. O(keys).
    public static func firstGroups(
        _ partitions: Partitions, _ partition: Int
    ) -> (keys: [UInt64], groups: [UInt32], further: [UInt64]) {
        let start = partitions.starts[partition]
        let count = partitions.starts[partition + 1] - start
        var slots = 64
        while slots < 2 * count { slots *= 2 }
        var further: [UInt64] = []
        var groups: [UInt32] = []
        // The kernel reads the partition's own keys and groups, and writes as many keys and groups as it answers, at
        // most `count`; no key has more further groups than it has repetitions.
        let keys = unsafe [UInt64](unsafeUninitializedCapacity: count) { keys, keyCount in
            unsafe groups = [UInt32](unsafeUninitializedCapacity: count) { groups, groupCount in
                unsafe further = [UInt64](unsafeUninitializedCapacity: count) { more, moreCount in
                    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: slots) { table in
                        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + 1) { latest in
                            keyCount = unsafe partitions.keys.withUnsafeBufferPointer { own in
                                unsafe partitions.groups.withUnsafeBufferPointer { ownGroups in
                                    guard count > 0 else { return 0 }
                                    return unsafe plumb_first_groups(
                                        own.baseAddress! + start, ownGroups.baseAddress! + start, count,
                                        table.baseAddress, slots - 1, keys.baseAddress, groups.baseAddress,
                                        latest.baseAddress, more.baseAddress, &moreCount)
                                }
                            }
                        }
                    }
                }
                groupCount = keyCount
            }
        }
        return (keys, groups, further)
    }

    /// Nil if the keys, fewer than 2^31, do not peel under the seed. O(keys + cells).
    public static func peel(_ keys: [UInt64], _ shape: Shape) -> Peeling? {
        precondition(keys.count < 1 << 31 && (0...18).contains(shape.segmentBits) && shape.segmentCount > 0)
        let cells = shape.cellCount
        var fine = false
        var order: [UInt64] = []
        // The kernel writes all hashes and, where it succeeds, the whole order; every cell of a key lies below
        // `cellCount`.
        let hashes = unsafe [UInt64](unsafeUninitializedCapacity: keys.count) { hashes, hashCount in
            unsafe order = [UInt64](unsafeUninitializedCapacity: keys.count) { order, orderCount in
                unsafe withUnsafeTemporaryAllocation(of: plumb_fuse_cell.self, capacity: cells) { scratch in
                    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: cells + 1) { queue in
                        fine =
                            unsafe plumb_fuse_peel(
                                keys, keys.count, shape.kernel, hashes.baseAddress, scratch.baseAddress, cells,
                                order.baseAddress, queue.baseAddress) != 0
                    }
                }
                orderCount = fine ? keys.count : 0
            }
            hashCount = keys.count
        }
        return fine ? Peeling(hashes: hashes, order: order, shape: shape) : nil
    }

    /// The contents of all cells (see `plumb_fuse_assign`); one value a key. O(keys + cells).
    public static func contents(_ peeling: Peeling, values: [UInt32], fingerprintBits: Int) -> [UInt32] {
        precondition(values.count == peeling.hashes.count && (0...32).contains(fingerprintBits))
        let cells = peeling.shape.cellCount
        // The kernel writes all cells; places are below `cellCount`, keys below the number of values.
        return unsafe [UInt32](unsafeUninitializedCapacity: cells) { contents, count in
            unsafe plumb_fuse_assign(
                peeling.hashes, values, peeling.order, values.count, peeling.shape.kernel, UInt32(fingerprintBits),
                contents.baseAddress, cells)
            count = cells
        }
    }
}
