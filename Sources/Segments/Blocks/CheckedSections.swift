import Synchronization

/// Sections of a block whose checksum was found right, by where they begin. Shared by all copies of the block.
///
/// Their pages may be read from the disk again at any time, so each section is checked anew after a number of reads.
final class CheckedSections: Sendable {
    /// How often each section was read since it was checked.
    private let reads = Mutex<[Int: Int]>([:])

    private static let readsPerCheck = 64

    /// Bytes of a section from which it is worth remembering: shorter ones are checked again in less time.
    static let shortest = 1_024

    /// Whether a section need not be checked this time. Counts as a read. O(1).
    func contains(_ offset: Int) -> Bool {
        reads.withLock { reads in
            guard let count = reads[offset] else { return false }
            reads[offset] = count + 1 < Self.readsPerCheck ? count + 1 : nil
            return true
        }
    }

    func insert(_ offset: Int) { reads.withLock { $0[offset] = 0 } }
}
