import CKernels

extension SliceKernels {
    /// Codes of which each new one is the next number and each other one is so far back from that: what recurs soon
    /// after it appeared. `low` and `high` are the distances' two bytes, a plane each, `high` empty where one byte
    /// does. Nil where a distance reaches before the first code. O(rows).
    public static func codesFromDistances(low: RawSpan, high: RawSpan) -> (codes: [UInt32], largest: UInt32)? {
        let rows = low.byteCount
        precondition(high.byteCount == rows || high.byteCount == 0)
        var largest: UInt32 = 0
        var fine = false
        // The kernel reads `rows` bytes of each plane that is there and writes `rows` codes.
        let codes = unsafe [UInt32](unsafeUninitializedCapacity: rows) { output, count in
            fine = unsafe low.withUnsafeBytes { low in
                unsafe high.withUnsafeBytes { high in
                    unsafe plumb_codes_from_distances(
                        low.baseAddress, high.isEmpty ? nil : high.baseAddress, rows, output.baseAddress, &largest) != 0
                }
            }
            count = rows
        }
        return fine ? (codes, largest) : nil
    }
}
