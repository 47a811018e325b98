import CKernels

/// Operations over whole columns of codes and of slices (see `SliceKernels`), for merging blocks by row.
public enum CodeKernels {
    /// Distinct values of a list of slices: a code for each slice, in the order of first appearance, and the position
    /// in which each distinct value stands first. O(values + bytes).
    public static func union(_ slices: RawSpan, _ arena: RawSpan) -> (codes: [UInt32], firsts: [UInt32]) {
        let count = SliceKernels.check(slices, arena)
        precondition(count < 1 << 30)
        var capacity = 64
        while capacity < 2 * count + 2 { capacity *= 2 }
        var firsts: [UInt32] = []
        // The kernel writes all `count` codes and as many firsts as it answers; `check` has seen that every slice lies
        // within the arena.
        let codes = unsafe [UInt32](unsafeUninitializedCapacity: count) { codes, codeCount in
            unsafe firsts = [UInt32](unsafeUninitializedCapacity: count) { firsts, firstCount in
                unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity) { slots in
                    firstCount = unsafe slices.withUnsafeBytes { slices in
                        unsafe arena.withUnsafeBytes { arena in
                            unsafe plumb_union(
                                arena.baseAddress, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self), count,
                                codes.baseAddress, firsts.baseAddress, slots.baseAddress, capacity)
                        }
                    }
                }
            }
            codeCount = count
        }
        return (codes, firsts)
    }

    /// How many codes differ from the one before them. O(codes).
    public static func changes(_ codes: [UInt32]) -> Int {
        // Read within the array, which outlives the call.
        unsafe codes.withUnsafeBufferPointer { unsafe plumb_changes($0.baseAddress, $0.count) }
    }

    /// `source[rows[i]]` for every `i`; a row beyond the source stops the program. O(rows).
    public static func take(_ source: [UInt32], _ rows: [UInt32]) -> [UInt32] {
        guard let last = rows.max() else { return [] }
        precondition(Int(last) < source.count)
        // The kernel writes all elements and reads within the source, as just checked.
        return unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { output, count in
            unsafe source.withUnsafeBufferPointer { source in
                unsafe rows.withUnsafeBufferPointer { rows in
                    unsafe plumb_take32(source.baseAddress, rows.baseAddress, rows.count, output.baseAddress)
                }
            }
            count = rows.count
        }
    }

    /// The same for 64-bit elements of any trivial type: slices, times. O(rows).
    public static func take<Element: BitwiseCopyable>(_ source: [Element], _ rows: [UInt32]) -> [Element] {
        precondition(MemoryLayout<Element>.stride == 8)
        guard let last = rows.max() else { return [] }
        precondition(Int(last) < source.count)
        // As above; eight bytes are copied for each element, whatever they mean.
        return unsafe [Element](unsafeUninitializedCapacity: rows.count) { output, count in
            unsafe source.withUnsafeBytes { source in
                unsafe rows.withUnsafeBufferPointer { rows in
                    unsafe plumb_take64(
                        source.baseAddress?.assumingMemoryBound(to: UInt64.self), rows.baseAddress, rows.count,
                        UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: UInt64.self))
                }
            }
            count = rows.count
        }
    }

    /// Renumbers codes, all below `limit`, in the order of their first appearance: the old code of each new one, and
    /// how often it stands there. O(codes + limit).
    public static func renumber(_ codes: inout [UInt32], limit: Int) -> (order: [UInt32], counts: [UInt32]) {
        precondition(codes.allSatisfy { $0 < limit })
        var counts: [UInt32] = []
        // The kernel writes as many of both as it answers, at most `limit`.
        let order = unsafe [UInt32](unsafeUninitializedCapacity: limit) { order, orderCount in
            unsafe counts = [UInt32](unsafeUninitializedCapacity: limit) { counts, countCount in
                unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: limit) { numbers in
                    countCount = unsafe codes.withUnsafeMutableBufferPointer { codes in
                        unsafe plumb_renumber(
                            codes.baseAddress, codes.count, limit, numbers.baseAddress, order.baseAddress,
                            counts.baseAddress)
                    }
                }
            }
            orderCount = counts.count
        }
        return (order, counts)
    }

    /// The positions of one code, ascending. O(codes).
    public static func positions(of wanted: UInt32, in codes: [UInt32]) -> [UInt32] {
        // The kernel writes as many positions as it answers, at most one a code.
        unsafe [UInt32](unsafeUninitializedCapacity: codes.count) { rows, count in
            count = unsafe codes.withUnsafeBufferPointer { codes in
                unsafe plumb_find32(codes.baseAddress, codes.count, wanted, rows.baseAddress)
            }
        }
    }

    /// The sum of bytes. O(bytes).
    public static func sum(_ bytes: RawSpan) -> UInt64 {
        // The kernel reads the span.
        unsafe bytes.withUnsafeBytes { unsafe plumb_sum_bytes($0.baseAddress, $0.count) }
    }
}
