import Bytes
import CKernels

/// Where strings and lines of a run of JSON lines begin and end (see `json_marks.h`), in buffers that are kept for the
/// next run.
struct JSONMarks: Sendable {
    private(set) var marks: [UInt32] = []
    /// Offsets of all backslashes, ascending, then `UInt32.max`.
    private(set) var backslashes: [UInt32] = []
    private(set) var lines = 0
    /// Whether every byte was well-formed UTF-8. The marks are right either way.
    private(set) var isValidUTF8 = true

    init() {}

    var memoryBytes: Int { (marks.count + backslashes.count) * 4 }

    /// Marks the bytes but for the last `JSONIndex.padding` ones. O(length).
    mutating func scan(_ padded: RawSpan) {
        let length = padded.byteCount - JSONIndex.padding
        precondition(length >= 0 && length < 1 << 24)
        reserve(length)
        let scan = unsafe padded.withUnsafeBytes { bytes in
            unsafe marks.withUnsafeMutableBufferPointer { marks in
                unsafe backslashes.withUnsafeMutableBufferPointer { slashes in
                    // Both lists hold `length + 64` entries and the bytes have their padding, as the kernel asks.
                    unsafe plumb_json_marks(bytes.baseAddress, length, marks.baseAddress, slashes.baseAddress)
                }
            }
        }
        lines = scan.lines
        backslashes[scan.backslashes] = .max
        isValidUTF8 = scan.has_non_ascii == 0 || isWellFormedUTF8(padded.slice(0, length))
    }

    /// Both lists, for a kernel.
    func withLists<Result>(_ body: (UnsafePointer<UInt32>?, UnsafePointer<UInt32>?) -> Result) -> Result {
        // They live as long as the call.
        unsafe marks.withUnsafeBufferPointer { marks in
            unsafe backslashes.withUnsafeBufferPointer { unsafe body(marks.baseAddress, $0.baseAddress) }
        }
    }

    private mutating func reserve(_ length: Int) {
        let wanted = length + JSONIndex.padding
        // One giant line must not hold its marks for ever.
        guard marks.count < wanted || marks.count > 16 * wanted + (1 << 20) else { return }
        marks = [UInt32](repeating: 0, count: wanted)
        backslashes = [UInt32](repeating: .max, count: wanted)
    }
}
