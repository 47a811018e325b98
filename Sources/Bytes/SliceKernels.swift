import CKernels

/// Operations over a whole column of slices at once. `slices` holds pairs of two 32-bit numbers, offset and length into
/// `arena`, in the machine's byte order; a slice beyond the arena stops the program.
public enum SliceKernels {
    /// A column as a dictionary.
    public struct Dictionary: Sendable {
        /// The row in which each distinct value stands first, ascending.
        public var firstRows: [UInt32]
        /// One a row.
        public var codes: [UInt32]
        /// How often each value stands in the column.
        public var counts: [UInt32]
    }

    static func check(_ slices: RawSpan, _ arena: RawSpan) -> Int {
        let count = slices.byteCount / 8
        // The kernel reads the whole pairs of the span.
        let furthest = unsafe slices.withUnsafeBytes {
            unsafe plumb_furthest($0.baseAddress?.assumingMemoryBound(to: plumb_slice.self), count)
        }
        precondition(furthest <= UInt64(arena.byteCount), "slice beyond its arena")
        return count
    }

    /// How many slices are empty. O(rows).
    public static func missing(_ slices: RawSpan) -> Int {
        // The kernel reads the whole pairs of the span.
        unsafe slices.withUnsafeBytes {
            unsafe plumb_count_missing($0.baseAddress?.assumingMemoryBound(to: plumb_slice.self), slices.byteCount / 8)
        }
    }

    /// Nil once there are more than `limit` distinct values, or nearly as many as rows at the start. O(rows + bytes).
    public static func dictionary(_ slices: RawSpan, _ arena: RawSpan, limit: Int) -> Dictionary? {
        let rows = check(slices, arena)
        guard limit > 0, rows < 1 << 31 else { return nil }
        var capacity = 1024
        while capacity < 4 * limit { capacity *= 2 }
        var firstRows: [UInt32] = []
        var counts: [UInt32] = []
        var found = 0
        // The kernel writes every code up to where it stops, `found` first rows and counts, and reads no slot or hash
        // that it has not written; `check` has seen that every slice lies within the arena.
        let codes = unsafe [UInt32](unsafeUninitializedCapacity: rows) { codes, codeCount in
            unsafe firstRows = [UInt32](unsafeUninitializedCapacity: limit + 1) { firsts, firstCount in
                unsafe counts = [UInt32](unsafeUninitializedCapacity: limit + 1) { counts, countCount in
                    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: limit + 1 + capacity) { scratch in
                        found = unsafe slices.withUnsafeBytes { slices in
                            unsafe arena.withUnsafeBytes { arena in
                                unsafe plumb_dictionary(
                                    arena.baseAddress, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self),
                                    rows,
                                    limit, codes.baseAddress, firsts.baseAddress, counts.baseAddress,
                                    scratch.baseAddress,
                                    scratch.baseAddress! + limit + 1, capacity)
                            }
                        }
                    }
                    countCount = max(0, found)
                }
                firstCount = max(0, found)
            }
            codeCount = found < 0 ? 0 : rows
        }
        return found < 0 ? nil : Dictionary(firstRows: firstRows, codes: codes, counts: counts)
    }

    /// Hex digits of one width and case as binary, `(digits + 1) / 2` bytes a value; nil where a value is something
    /// else. With `dashes` the values are UUIDs. O(bytes).
    public static func decodeHex(
        _ slices: RawSpan, _ arena: RawSpan, digits: Int, upperCase: Bool, dashes: Bool
    ) -> [UInt8]? {
        let rows = check(slices, arena)
        let size = rows * ((digits + 1) / 2)
        var isHex = false
        // The kernel writes all `size` bytes or answers 0.
        let binary = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
            isHex = unsafe slices.withUnsafeBytes { slices in
                unsafe arena.withUnsafeBytes { arena in
                    unsafe plumb_hex_decode(
                        arena.baseAddress, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self), rows, digits,
                        upperCase ? 1 : 0, dashes ? 1 : 0, output.baseAddress) != 0
                }
            }
            count = isHex ? size : 0
        }
        return isHex ? binary : nil
    }

    /// The reverse of `decodeHex`, all values one behind the other. O(bytes).
    public static func encodeHex(_ binary: RawSpan, digits: Int, upperCase: Bool, dashes: Bool) -> [UInt8] {
        let rows = binary.byteCount / ((digits + 1) / 2)
        let size = rows * (dashes ? 36 : digits)
        // The kernel writes all `size` bytes.
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
            unsafe binary.withUnsafeBytes {
                unsafe plumb_hex_encode(
                    $0.baseAddress, rows, digits, upperCase ? 1 : 0, dashes ? 1 : 0, output.baseAddress)
            }
            count = size
        }
    }

    /// The integers whose canonical decimal forms the values are; nil where one is not. O(bytes).
    public static func integers(_ slices: RawSpan, _ arena: RawSpan) -> [Int64]? {
        let rows = check(slices, arena)
        var fine = false
        // The kernel writes all `rows` integers or answers 0.
        let integers = unsafe [Int64](unsafeUninitializedCapacity: rows) { output, count in
            fine = unsafe slices.withUnsafeBytes { slices in
                unsafe arena.withUnsafeBytes { arena in
                    unsafe plumb_integers(
                        arena.baseAddress, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self), rows,
                        output.baseAddress) != 0
                }
            }
            count = fine ? rows : 0
        }
        return fine ? integers : nil
    }

    /// Decimals as mantissas and the number of digits behind their points (see `plumb_decimals`); nil where a value is
    /// something else. O(bytes).
    public static func decimals(_ slices: RawSpan, _ arena: RawSpan) -> (mantissas: [Int64], digits: [UInt8])? {
        let rows = check(slices, arena)
        var fine = false
        var digits: [UInt8] = []
        // The kernel writes `rows` elements to both or answers 0.
        let mantissas = unsafe [Int64](unsafeUninitializedCapacity: rows) { output, count in
            unsafe digits = [UInt8](unsafeUninitializedCapacity: rows) { digits, digitCount in
                fine = unsafe slices.withUnsafeBytes { slices in
                    unsafe arena.withUnsafeBytes { arena in
                        unsafe plumb_decimals(
                            arena.baseAddress, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self), rows,
                            output.baseAddress, digits.baseAddress) != 0
                    }
                }
                digitCount = fine ? rows : 0
            }
            count = fine ? rows : 0
        }
        return fine ? (mantissas, digits) : nil
    }

    /// Keys of the identifiers among the first rows, missing values left out (see `plumb_identifier_keys`), and how
    /// many rows that were: all, or those before a long value that has to be folded. O(bytes).
    public static func identifierKeys(_ slices: RawSpan, _ arena: RawSpan) -> (keys: [UInt64], rows: Int) {
        let rows = check(slices, arena)
        var done = 0
        // The kernel writes at most one key a row, and tells how many.
        let keys = unsafe [UInt64](unsafeUninitializedCapacity: rows) { output, count in
            unsafe slices.withUnsafeBytes { slices in
                unsafe arena.withUnsafeBytes { arena in
                    done = unsafe plumb_identifier_keys(
                        arena.baseAddress, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self), rows,
                        output.baseAddress, &count)
                }
            }
        }
        return (keys, done)
    }

    /// The values one behind the other; `byteCount` is the sum of their lengths. O(bytes).
    public static func gather(_ slices: RawSpan, _ arena: RawSpan, byteCount: Int) -> [UInt8] {
        let rows = check(slices, arena)
        // The kernel writes `byteCount` bytes, and at most 32 beyond them, for which there is room.
        return unsafe [UInt8](unsafeUninitializedCapacity: byteCount + 32) { output, count in
            unsafe slices.withUnsafeBytes { slices in
                unsafe arena.withUnsafeBytes { arena in
                    unsafe plumb_gather(
                        arena.baseAddress, arena.count, slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self),
                        rows, output.baseAddress)
                }
            }
            count = byteCount
        }
    }
}
