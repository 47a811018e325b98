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

    /// The largest code; 0 without any. O(codes).
    static func largest(_ codes: [UInt32]) -> Int {
        // The kernel reads the array.
        unsafe Int(plumb_largest(codes, codes.count))
    }

    /// `source[rows[i]]` for every `i`; a row beyond the source stops the program. O(rows).
    public static func take(_ source: [UInt32], _ rows: [UInt32]) -> [UInt32] {
        if rows.isEmpty { return [] }
        precondition(largest(rows) < source.count)
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
        if rows.isEmpty { return [] }
        precondition(largest(rows) < source.count)
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
        precondition(codes.isEmpty || largest(codes) < limit)
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

    /// Appends `codes[rows]`, each plus `step`. O(rows).
    public static func append(_ codes: [UInt32], _ rows: Range<Int>, plus step: UInt32, to output: inout [UInt32]) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= codes.count)
        // The kernel reads the rows, as just checked, and writes one element each.
        output += unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { output, count in
            unsafe codes.withUnsafeBufferPointer { codes in
                guard let start = codes.baseAddress else { return }
                unsafe plumb_add32(start + rows.lowerBound, rows.count, step, output.baseAddress)
            }
            count = rows.count
        }
    }

    /// `map[source[rows[i]]]` for every `i`, renumbered in the order of first appearance: the codes, the old code of
    /// each new one, and how often it stands there. What is in `map` is below `limit`. O(rows + source + limit).
    public static func gatherRenumbered(
        _ source: [UInt32], _ rows: [UInt32], _ map: [UInt32], limit: Int
    ) -> (codes: [UInt32], order: [UInt32], counts: [UInt32]) {
        precondition(rows.isEmpty || largest(rows) < source.count)
        precondition(source.isEmpty || largest(source) < map.count)
        precondition(map.isEmpty || largest(map) < limit)
        var order: [UInt32] = []
        var counts: [UInt32] = []
        // The kernel writes one code a row, and as many of the others as it answers, at most `limit`; it reads within
        // the arrays, as just checked.
        let codes = unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { codes, codeCount in
            unsafe order = [UInt32](unsafeUninitializedCapacity: limit) { order, orderCount in
                unsafe counts = [UInt32](unsafeUninitializedCapacity: limit) { counts, countCount in
                    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: limit) { numbers in
                        countCount = unsafe plumb_gather_renumbered(
                            source, rows, rows.count, map, limit, codes.baseAddress, numbers.baseAddress,
                            order.baseAddress, counts.baseAddress)
                        orderCount = countCount
                    }
                }
            }
            codeCount = rows.count
        }
        return (codes, order, counts)
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

    /// How often each code stands there; all are below `limit`. O(codes + limit).
    public static func counts(_ codes: [UInt32], limit: Int) -> [Int] {
        precondition(codes.isEmpty || largest(codes) < limit)
        // The kernel writes all `limit` counts, at codes below `limit`.
        let counts = unsafe [UInt32](unsafeUninitializedCapacity: limit) { counts, count in
            unsafe codes.withUnsafeBufferPointer { codes in
                unsafe plumb_count32(codes.baseAddress, codes.count, limit, counts.baseAddress)
            }
            count = limit
        }
        return counts.map(Int.init)
    }

    /// Zeros among values given as planes of their low and high bytes; `high` is empty where one byte is all there is.
    /// O(values).
    public static func zeros(low: RawSpan, high: RawSpan) -> Int {
        precondition(high.byteCount == 0 || high.byteCount == low.byteCount)
        // The kernel reads both spans.
        return unsafe low.withUnsafeBytes { low in
            unsafe high.withUnsafeBytes { high in
                unsafe plumb_count_zeros(low.baseAddress, high.isEmpty ? nil : high.baseAddress, low.count)
            }
        }
    }

    /// The positions of one code among codes given as distances back from the newest one, of which `newest` are known
    /// before the first; `high` is empty where one byte is all there is. O(codes).
    public static func positions(of wanted: UInt32, low: RawSpan, high: RawSpan, newest: UInt32) -> [UInt32] {
        precondition(high.byteCount == 0 || high.byteCount == low.byteCount)
        let count = low.byteCount
        // The kernel reads both spans and writes one position beyond those that it answers, at most one a code.
        return unsafe [UInt32](unsafeUninitializedCapacity: count + 1) { rows, found in
            found = unsafe low.withUnsafeBytes { low in
                unsafe high.withUnsafeBytes { high in
                    unsafe plumb_find_in_distances(
                        low.baseAddress, high.isEmpty ? nil : high.baseAddress, count, newest, wanted, rows.baseAddress)
                }
            }
        }
    }
}
