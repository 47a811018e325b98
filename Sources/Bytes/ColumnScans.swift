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
}
