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

    /// Codes of consecutive rows, `newest` of which are known before the first: of a value 0 the next new one, of 1 the
    /// `fixed` one, of others the one that is so far back from the next new one, less 1. `low` and `high` are the
    /// values' two bytes, a plane each, `high` empty where one byte does. Answers how many are known behind the last
    /// row, too; nil where a value reaches before the first code. O(rows).
    public static func codesFromRecent(
        low: RawSpan, high: RawSpan, newest: UInt32, fixed: UInt32
    ) -> (codes: [UInt32], known: Int)? {
        let rows = low.byteCount
        precondition(high.byteCount == rows || high.byteCount == 0)
        var known: Int64 = 0
        // The kernel reads `rows` bytes of each plane that is there and writes `rows` codes.
        let codes = unsafe [UInt32](unsafeUninitializedCapacity: rows) { output, count in
            known = unsafe low.withUnsafeBytes { low in
                unsafe high.withUnsafeBytes { high in
                    unsafe plumb_codes_from_recent(
                        low.baseAddress, high.isEmpty ? nil : high.baseAddress, rows, newest, fixed, output.baseAddress)
                }
            }
            count = rows
        }
        return known < 0 ? nil : (codes, Int(known))
    }
}
