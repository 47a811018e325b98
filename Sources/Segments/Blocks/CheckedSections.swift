import Synchronization

/// Sections of a block whose checksum was found right, by where they begin. Shared by all copies of the block.
final class CheckedSections: Sendable {
    private let offsets = Mutex<Set<Int>>([])

    func contains(_ offset: Int) -> Bool { offsets.withLock { $0.contains(offset) } }
    func insert(_ offset: Int) { offsets.withLock { _ = $0.insert(offset) } }
}
