import CKernels

/// Values of a fixed width, one behind the other: numbers of eight bytes, hex digits as binary.
public enum FixedKernels {
    /// In the index of rows: a row without a value.
    public static let none = UInt32.max

    /// The distinct values as codes in the order of first appearance.
    public struct Dictionary: Sendable {
        /// The value that stands first of each distinct one.
        public var firsts: [UInt32]
        public var codes: [UInt32]
        public var counts: [UInt32]
    }

    /// Nil once there are more than `limit` distinct values, or nearly as many as values at the start. O(values).
    public static func dictionary(_ values: RawSpan, stride: Int, limit: Int) -> Dictionary? {
        let count = Self.count(values, stride)
        guard limit > 0 else { return nil }
        var capacity = 64
        while capacity < 2 * min(limit, count) + 2 { capacity *= 2 }
        let room = min(limit, count) + 1
        var firsts: [UInt32] = []
        var counts: [UInt32] = []
        var found = 0
        // The kernel writes a code a value, or stops, and `found` firsts and counts, at most `limit` of either and no
        // more than there are values.
        let codes = unsafe [UInt32](unsafeUninitializedCapacity: count) { codes, codeCount in
            unsafe firsts = [UInt32](unsafeUninitializedCapacity: room) { firsts, firstCount in
                unsafe counts = [UInt32](unsafeUninitializedCapacity: room) { counts, countCount in
                    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity) { slots in
                        found = unsafe values.withUnsafeBytes { values in
                            unsafe plumb_fixed_dictionary(
                                values.baseAddress, stride, count, limit, codes.baseAddress, firsts.baseAddress,
                                counts.baseAddress, slots.baseAddress, capacity - 1)
                        }
                    }
                    countCount = max(0, found)
                }
                firstCount = max(0, found)
            }
            codeCount = found < 0 ? 0 : count
        }
        return found < 0 ? nil : Dictionary(firsts: firsts, codes: codes, counts: counts)
    }

    /// For each value the first entry that equals it, `none` without one, and how many have one. O(values + entries).
    public static func find(_ values: RawSpan, in entries: RawSpan, stride: Int) -> (places: [UInt32], found: Int) {
        let count = Self.count(values, stride)
        let entryCount = Self.count(entries, stride)
        var capacity = 64
        while capacity < 2 * entryCount + 2 { capacity *= 2 }
        var found = 0
        // The kernel reads whole values and entries and writes a place for each value.
        let places = unsafe [UInt32](unsafeUninitializedCapacity: count) { places, placeCount in
            unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity) { slots in
                found = unsafe values.withUnsafeBytes { values in
                    unsafe entries.withUnsafeBytes { entries in
                        unsafe plumb_fixed_find(
                            entries.baseAddress, entryCount, values.baseAddress, count, stride, slots.baseAddress,
                            capacity - 1, places.baseAddress)
                    }
                }
            }
            placeCount = count
        }
        return (places, found)
    }

    private static func count(_ values: RawSpan, _ stride: Int) -> Int {
        precondition(stride > 0 && values.byteCount % stride == 0 && values.byteCount / stride < 1 << 31)
        return values.byteCount / stride
    }

    // MARK: Rows

    /// `values[index[places[row]]]` of every row that has a value, and a bit a row for whether it has one. O(rows).
    public static func gather(
        _ values: [UInt8], stride: Int, index: [UInt32], places: [UInt32]
    ) -> (values: [UInt8], bits: [UInt8], present: Int) {
        check(places, index, count: Self.count(values.rawSpan, stride))
        var present = 0
        var bits = [UInt8](repeating: 0, count: (places.count + 7) / 8)
        // Every place lies within its array, as just checked; the kernel writes `stride` bytes for each row that has a
        // value, and all bits.
        let gathered = unsafe [UInt8](unsafeUninitializedCapacity: places.count * stride) { output, bytes in
            present = unsafe plumb_fixed_gather(
                values, stride, index, places, places.count, output.baseAddress, &bits)
            bytes = present * stride
        }
        return (gathered, bits, present)
    }

    /// The same for numbers. O(rows).
    public static func gather(
        _ numbers: [Int64], index: [UInt32], places: [UInt32]
    ) -> (values: [Int64], bits: [UInt8], present: Int) {
        check(places, index, count: numbers.count)
        var present = 0
        var bits = [UInt8](repeating: 0, count: (places.count + 7) / 8)
        // As above, eight bytes each.
        let gathered = unsafe [Int64](unsafeUninitializedCapacity: places.count) { output, count in
            present = unsafe numbers.withUnsafeBytes { numbers in
                unsafe plumb_fixed_gather(
                    numbers.baseAddress?.assumingMemoryBound(to: UInt8.self), 8, index, places, places.count,
                    UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: UInt8.self), &bits)
            }
            count = present
        }
        return (gathered, bits, present)
    }

    private static func check(_ places: [UInt32], _ index: [UInt32], count: Int) {
        precondition(places.isEmpty || CodeKernels.largest(places) < index.count)
        precondition(index.allSatisfy { $0 < count || $0 == none })
    }

    /// Appends to `index` a number for each of some rows that has its bit set, counted from `base`, and `none` for
    /// the others. O(rows).
    public static func append(_ words: [UInt64], rows: Range<Int>, base: Int, to index: inout [UInt32]) {
        precondition(rows.upperBound <= words.count * 64)
        // The kernel reads the bits of the rows and writes an element a row.
        index += unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { output, count in
            unsafe plumb_index_bits(words, rows.lowerBound, rows.count, UInt32(base), output.baseAddress)
            count = rows.count
        }
    }

    /// Appends to `index` the place of each code, counted from `base`, the code `missing` left out; `none` for that
    /// one. O(rows).
    public static func append(_ codes: [UInt32], missing: UInt32, base: Int, to index: inout [UInt32]) {
        // The kernel writes an element a code.
        index += unsafe [UInt32](unsafeUninitializedCapacity: codes.count) { output, count in
            unsafe plumb_index_codes(codes, codes.count, missing, UInt32(base), output.baseAddress)
            count = codes.count
        }
    }

    // MARK: Numbers

    /// Bytes of the decimal forms (see `plumb_number_bytes`). O(numbers × fraction digits).
    public static func textBytes(_ numbers: [Int64], fewest: Int, most: Int) -> Int {
        precondition(fewest >= 0 && fewest <= most && most <= 18)
        // The kernel reads the array.
        return unsafe Int(plumb_number_bytes(numbers, numbers.count, UInt32(fewest), UInt32(most)))
    }

    /// The numbers times `factor`; nil where one overflows or is a multiple of `forbidden`, unless that is 0.
    /// O(numbers).
    public static func scaled(_ numbers: [Int64], by factor: Int64, forbidding forbidden: Int64) -> [Int64]? {
        var fine = false
        // The kernel writes one element a number.
        let scaled = unsafe [Int64](unsafeUninitializedCapacity: numbers.count) { output, count in
            fine = unsafe plumb_scale_numbers(numbers, numbers.count, factor, forbidden, output.baseAddress) != 0
            count = numbers.count
        }
        return fine ? scaled : nil
    }

    // MARK: Identifiers

    /// Keys of identifiers from their binary form, `(digits + 1) / 2` bytes each (see `plumb_identifier_keys`).
    /// O(bytes).
    public static func identifierKeys(_ binary: RawSpan, digits: Int) -> [UInt64] {
        precondition((1...512).contains(digits))
        let count = Self.count(binary, (digits + 1) / 2)
        // The kernel writes a key a value.
        return unsafe [UInt64](unsafeUninitializedCapacity: count) { keys, keyCount in
            unsafe binary.withUnsafeBytes {
                unsafe plumb_fixed_identifier_keys($0.baseAddress, count, digits, keys.baseAddress)
            }
            keyCount = count
        }
    }
}

extension [Int64] {
    /// The numbers as bytes, in the machine's order. O(1).
    public var numberBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // A number has no padding, which is what `bytes` is unsafe for.
            unsafe span.bytes
        }
    }
}
