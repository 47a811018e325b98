import Bytes
import CKernels

/// The structural index of a run of JSON lines (see `json_index.h`), in buffers that are kept for the next run.
struct JSONIndex: Sendable {
    /// Bytes behind the run that the scan may read.
    static let padding = 128

    /// `byte << 24 | offset`, ascending by offset.
    private(set) var entries: [UInt32] = []
    /// Offsets of the backslashes in strings, ascending, then `UInt32.max`.
    private(set) var backslashes: [UInt32] = []
    private(set) var entryCount = 0
    private(set) var lines = 0

    init() {}

    var memoryBytes: Int { (entries.count + backslashes.count) * 4 }

    /// Indexes whole lines, behind which `padding` bytes more stand. O(length).
    mutating func scan(_ padded: RawSpan, _ range: Range<Int>) {
        precondition(range.upperBound + Self.padding <= padded.byteCount && range.upperBound < 1 << 24)
        reserve(range.count)
        let scan = unsafe padded.withUnsafeBytes { bytes in
            unsafe entries.withUnsafeMutableBufferPointer { index in
                unsafe backslashes.withUnsafeMutableBufferPointer { slashes in
                    // Both lists hold 64 entries more than bytes are scanned, which have their padding, as the kernel
                    // asks.
                    unsafe plumb_json_index(
                        bytes.baseAddress, range.lowerBound, range.upperBound, index.baseAddress, slashes.baseAddress)
                }
            }
        }
        entryCount = scan.entries
        lines = scan.lines
        backslashes[scan.backslashes] = .max
    }

    private mutating func reserve(_ length: Int) {
        let wanted = length + Self.padding
        // One giant line must not hold its index for ever.
        guard entries.count < wanted || entries.count > 16 * wanted + (1 << 20) else { return }
        entries = [UInt32](repeating: 0, count: wanted)
        backslashes = [UInt32](repeating: .max, count: wanted)
    }
}

/// Whether the bytes are UTF-8 throughout. O(length), eight bytes of ASCII a step.
func isWellFormedUTF8(_ bytes: RawSpan) -> Bool {
    // The buffer is only read, within the call.
    unsafe bytes.withUnsafeBytes { unsafe plumb_utf8_valid($0.baseAddress, $0.count) } == 1
}
