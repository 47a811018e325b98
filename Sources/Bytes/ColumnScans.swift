import CKernels

/// Scans over whole columns of codes and numbers, several elements a step.
public enum ColumnScans {
    private static func wordCount(_ count: Int) -> Int { (count + 63) / 64 }

    /// Which elements are `wanted`: a bit each, 64 to a word, low bits first. O(count).
    public static func equal(_ elements: [UInt8], _ wanted: UInt8) -> [UInt64] {
        // The kernel reads `count` elements and writes every word of the result.
        unsafe [UInt64](unsafeUninitializedCapacity: wordCount(elements.count)) { words, count in
            unsafe elements.withUnsafeBufferPointer {
                unsafe plumb_equal8($0.baseAddress, $0.count, wanted, words.baseAddress)
            }
            count = wordCount(elements.count)
        }
    }

    public static func equal(_ elements: [UInt16], _ wanted: UInt16) -> [UInt64] {
        // As above.
        unsafe [UInt64](unsafeUninitializedCapacity: wordCount(elements.count)) { words, count in
            unsafe elements.withUnsafeBufferPointer {
                unsafe plumb_equal16($0.baseAddress, $0.count, wanted, words.baseAddress)
            }
            count = wordCount(elements.count)
        }
    }

    public static func equal(_ elements: [UInt32], _ wanted: UInt32) -> [UInt64] {
        // As above.
        unsafe [UInt64](unsafeUninitializedCapacity: wordCount(elements.count)) { words, count in
            unsafe elements.withUnsafeBufferPointer {
                unsafe plumb_equal32($0.baseAddress, $0.count, wanted, words.baseAddress)
            }
            count = wordCount(elements.count)
        }
    }

    public static func equal(_ elements: [Int64], _ wanted: Int64) -> [UInt64] {
        // As above.
        unsafe [UInt64](unsafeUninitializedCapacity: wordCount(elements.count)) { words, count in
            unsafe elements.withUnsafeBufferPointer {
                unsafe plumb_equal64($0.baseAddress, $0.count, wanted, words.baseAddress)
            }
            count = wordCount(elements.count)
        }
    }

    /// Adds to `counts[first * width + second]` for each row. The columns have as many rows as each other; every place
    /// must be within `counts`. O(rows).
    public static func countPairs(_ first: [UInt8], _ second: [UInt8], width: Int, into counts: inout [UInt32]) {
        precondition(first.count == second.count)
        // The kernel reads as many codes as there are and checks every place against the number of counts.
        let isFine = unsafe first.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in
                unsafe counts.withUnsafeMutableBufferPointer {
                    unsafe plumb_count_pairs(
                        first.baseAddress, second.baseAddress, first.count, width, $0.baseAddress, $0.count)
                }
            }
        }
        precondition(isFine == 1, "a code beyond the counts")
    }

    /// Adds to `counts[code]` for each row; every code must be within `counts`. O(rows).
    public static func countCodes(_ codes: [UInt8], into counts: inout [UInt32]) {
        // The kernel reads as many codes as there are and checks each against the number of counts.
        let isFine = unsafe codes.withUnsafeBufferPointer { codes in
            unsafe counts.withUnsafeMutableBufferPointer {
                unsafe plumb_count_codes(codes.baseAddress, codes.count, $0.baseAddress, $0.count)
            }
        }
        precondition(isFine == 1, "a code beyond the counts")
    }

    /// `map[code]` for each code; codes are below `map.count`, which is at most 256. O(codes).
    public static func mapped(_ codes: [UInt8], _ map: [UInt32]) -> [UInt32] {
        precondition(map.count <= 256)
        let whole = map + [UInt32](repeating: 0, count: 256 - map.count)
        // The kernel writes as many elements as there are codes; every byte is below 256.
        return unsafe [UInt32](unsafeUninitializedCapacity: codes.count) { output, count in
            unsafe codes.withUnsafeBufferPointer { codes in
                unsafe whole.withUnsafeBufferPointer {
                    unsafe plumb_map_codes(codes.baseAddress, codes.count, $0.baseAddress, output.baseAddress)
                }
            }
            count = codes.count
        }
    }

    /// The numbers, those of one group together and in their order, and where each group's begin; behind the last,
    /// where they end. Every group is below `groupCount`. O(numbers + groups).
    public static func parted(
        _ numbers: [Double], groups: [UInt32], groupCount: Int
    ) -> (numbers: [Double], starts: [UInt32]) {
        precondition(numbers.count == groups.count)
        var starts = [UInt32](repeating: 0, count: groupCount + 1)
        // The kernel reads as many groups as there are and checks each against the number of counts.
        let isKnown = unsafe groups.withUnsafeBufferPointer { groups in
            unsafe starts.withUnsafeMutableBufferPointer {
                unsafe plumb_count_groups(groups.baseAddress, groups.count, $0.baseAddress! + 1, groupCount)
            }
        }
        precondition(isKnown == 1, "a group beyond the groups")
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        var isFine: Int32 = 0
        // The kernel writes each of the places once, since `next` counts them, and checks every one.
        let parted = unsafe [Double](unsafeUninitializedCapacity: numbers.count) { output, count in
            isFine = unsafe numbers.withUnsafeBufferPointer { numbers in
                unsafe groups.withUnsafeBufferPointer { groups in
                    unsafe next.withUnsafeMutableBufferPointer { next in
                        unsafe plumb_part_numbers(
                            numbers.baseAddress, groups.baseAddress, numbers.count, next.baseAddress, groupCount,
                            output.baseAddress)
                    }
                }
            }
            count = isFine == 1 ? numbers.count : 0
        }
        precondition(isFine == 1, "a group beyond the groups")
        return (parted, starts)
    }

    /// Counts numbers above zero by their highest bits: adds to `counts[bits >> shift - first]`, as far as that is one
    /// of the counts, and answers how many were counted. O(numbers).
    public static func countBuckets(
        _ numbers: ArraySlice<Double>, shift: Int, first: Int, into counts: inout [UInt32]
    ) -> Int {
        // The kernel reads as many numbers as there are and checks every place.
        unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe counts.withUnsafeMutableBufferPointer {
                unsafe plumb_count_buckets(
                    numbers.baseAddress, numbers.count, UInt32(shift), first, $0.baseAddress, $0.count)
            }
        }
    }

    /// The same for numbers of many groups: adds to `counts[bases[group] + bits >> shift - first]`, as far as the last
    /// is below `width` and the base is not `UInt32.max`, and answers the indices of the others. Every group is below
    /// `bases.count`, and every base at most `counts.count - width`. O(numbers).
    public static func countGrouped(
        _ numbers: [Double], groups: [UInt32], bases: [UInt32], shift: Int, first: Int, width: Int,
        into counts: inout [UInt32]
    ) -> [UInt32] {
        precondition(numbers.count == groups.count)
        var isFine = false
        // The kernel reads as many groups as there are numbers, writes as many indices at most, and checks every place.
        let left = unsafe [UInt32](unsafeUninitializedCapacity: numbers.count) { left, leftCount in
            let found = unsafe numbers.withUnsafeBufferPointer { numbers in
                unsafe groups.withUnsafeBufferPointer { groups in
                    unsafe bases.withUnsafeBufferPointer { bases in
                        unsafe counts.withUnsafeMutableBufferPointer {
                            unsafe plumb_count_grouped(
                                numbers.baseAddress, groups.baseAddress, numbers.count, bases.baseAddress, bases.count,
                                UInt32(shift), first, width, $0.baseAddress, $0.count, left.baseAddress)
                        }
                    }
                }
            }
            isFine = found <= numbers.count
            leftCount = isFine ? found : 0
        }
        precondition(isFine, "a group beyond the groups")
        return left
    }

    /// Each value divided, and the largest magnitude among the values. O(values).
    public static func divided(_ values: [Int64], by divisor: Double) -> (numbers: [Double], largest: UInt64) {
        var largest: UInt64 = 0
        // The kernel writes as many numbers as there are values.
        let numbers = unsafe [Double](unsafeUninitializedCapacity: values.count) { output, count in
            largest = unsafe values.withUnsafeBufferPointer {
                unsafe plumb_scale($0.baseAddress, $0.count, divisor, output.baseAddress)
            }
            count = values.count
        }
        return (numbers, largest)
    }
}
