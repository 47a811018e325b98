import CKernels

/// Columns in which values are missing: a bit a row, low bits first, and the values that are there.
public enum PresenceKernels {
    /// A bit for each slice that is not empty, and how many are. O(rows).
    public static func presence(ofSlices slices: RawSpan) -> (bits: [UInt8], present: Int) {
        let rows = slices.byteCount / 8
        var present = 0
        // The kernel reads whole pairs of the span and writes all the bytes.
        let bits = unsafe [UInt8](unsafeUninitializedCapacity: (rows + 7) / 8) { bits, count in
            present = unsafe slices.withUnsafeBytes {
                unsafe plumb_presence_of_slices(
                    $0.baseAddress?.assumingMemoryBound(to: plumb_slice.self), rows, bits.baseAddress)
            }
            count = (rows + 7) / 8
        }
        return (bits, present)
    }

    /// The same for codes other than `missing`. O(rows).
    public static func presence(of codes: [UInt32], missing: UInt32) -> (bits: [UInt8], present: Int) {
        var present = 0
        // As above, for the array's own codes.
        let bits = unsafe [UInt8](unsafeUninitializedCapacity: (codes.count + 7) / 8) { bits, count in
            present = unsafe plumb_presence_of_codes(codes, codes.count, missing, bits.baseAddress)
            count = (codes.count + 7) / 8
        }
        return (bits, present)
    }

    /// The slices that are not empty, which are pairs of two 32-bit numbers; `present`: how many that are, where it is
    /// known. What is answered holds no more memory than these. O(rows).
    public static func present<Slice: BitwiseCopyable>(_ slices: [Slice], count present: Int? = nil) -> [Slice] {
        precondition(MemoryLayout<Slice>.stride == 8 && MemoryLayout<Slice>.alignment == 4)
        return unsafe slices.withUnsafeBytes { slices in
            let rows = slices.count / 8
            let source = unsafe slices.baseAddress?.assumingMemoryBound(to: plumb_slice.self)
            let known = unsafe present ?? (rows - plumb_count_missing(source, rows))
            // The kernel writes the slices that it counts and one behind them.
            return unsafe [Slice](unsafeUninitializedCapacity: known + 1) { output, count in
                let room = unsafe UnsafeMutableRawPointer(output.baseAddress)?
                    .assumingMemoryBound(to: plumb_slice.self)
                count = unsafe plumb_present_slices(source, rows, room, known)
                precondition(count == known)
            }
        }
    }

    /// The codes other than one; larger ones move up. `rest`: how many are left, where it is known. O(rows).
    public static func codes(_ codes: [UInt32], without code: UInt32, count rest: Int? = nil) -> [UInt32] {
        let room = rest ?? codes.count
        // The kernel writes as many codes as it answers, at most `room`, and one behind them.
        return unsafe [UInt32](unsafeUninitializedCapacity: room + 1) { output, count in
            count = unsafe plumb_without_code(codes, codes.count, code, output.baseAddress, room)
            precondition(rest == nil || count == room)
        }
    }

    /// How many of the first `rows` bits are set. O(rows / 64).
    public static func count(_ bits: RawSpan, rows: Int) -> Int {
        precondition(rows <= bits.byteCount * 8)
        // The kernel reads the bytes that hold the rows' bits.
        return unsafe bits.withUnsafeBytes { unsafe plumb_count_bits($0.baseAddress, rows) }
    }

    /// Offsets of texts, of which there is one a set bit, spread over all rows: a missing text is empty. O(rows).
    public static func spread(offsets: [UInt32], _ bits: [UInt8], rows: Int) -> [UInt32] {
        precondition(count(bits.rawSpan, rows: rows) + 1 == offsets.count)
        // One offset a set bit follows the first, as just checked; the kernel writes all `rows + 1`.
        return unsafe [UInt32](unsafeUninitializedCapacity: rows + 1) { output, count in
            unsafe plumb_spread_offsets(bits, rows, offsets, output.baseAddress)
            count = rows + 1
        }
    }

    /// For each row the number of its set bit, counted from 0, and `FixedKernels.none` for the others. O(rows).
    public static func places(_ bits: [UInt8], rows: Int) -> [UInt32] {
        let present = count(bits.rawSpan, rows: rows)
        return spread(codes: Array(0..<UInt32(present)), bits, rows: rows, missing: FixedKernels.none)
    }

    /// Codes, of which there is one a set bit, spread over all rows. O(rows).
    public static func spread(codes: [UInt32], _ bits: [UInt8], rows: Int, missing: UInt32) -> [UInt32] {
        precondition(count(bits.rawSpan, rows: rows) == codes.count)
        // As above.
        return unsafe [UInt32](unsafeUninitializedCapacity: rows) { output, count in
            unsafe plumb_spread_codes(bits, rows, codes, missing, output.baseAddress)
            count = rows
        }
    }
}
