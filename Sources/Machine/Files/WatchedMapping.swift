import Bytes
import CKernels
import Glibc

/// A read-only mapping of a file that outlives what happens to the file: a page that the disk cannot read any more, or
/// that lies behind the end of a file that was cut short, would end the process by SIGBUS. It becomes zeros instead,
/// and is counted.
@safe
struct WatchedMapping: Sendable {
    // The region stays mapped until `release`; the place in the table of watched mappings likewise.
    private nonisolated(unsafe) let region: UnsafeRawBufferPointer
    private nonisolated(unsafe) let place: OpaquePointer
    /// The last bytes as they were: a file that is cut short within its last page shows zeros there, without SIGBUS.
    private let tail: UInt64

    /// Nil without memory. The region must be a mapping that nobody else takes down.
    @unsafe
    init?(_ region: UnsafeRawBufferPointer) {
        // The region is valid, and the table keeps its numbers only.
        guard let place = unsafe plumb_watch_map(region.baseAddress, region.count) else { return nil }
        unsafe self.region = unsafe region
        unsafe self.place = unsafe place
        tail = unsafe Self.lastBytes(of: region)
    }

    /// The mapped bytes; taken down when the last holder is gone.
    var bytes: SharedBytes {
        // The region is valid and, but for losses, unchanged until `release`.
        unsafe SharedBytes(
            region: region, forget: { range in dropPages(range) }, losses: { losses }, release: { release() })
    }

    private var losses: Int {
        // The end first: reading it may lose its page.
        let isCut = unsafe Self.lastBytes(of: region) != tail
        return unsafe Int(plumb_lost_pages(place)) + (isCut ? 1 : 0)
    }

    private static func lastBytes(of region: UnsafeRawBufferPointer) -> UInt64 {
        guard region.count >= 8 else { return 0 }
        return unsafe region.loadUnaligned(fromByteOffset: region.count - 8, as: UInt64.self)
    }

    /// Gives whole pages back: they are read anew when they are touched.
    private func dropPages(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page
        let length = range.upperBound / page * page - start
        guard length > 0 else { return }
        // Within the mapping, which the caller holds; a failure costs memory, nothing else.
        unsafe _ = madvise(UnsafeMutableRawPointer(mutating: region.baseAddress! + start), length, MADV_DONTNEED)
    }

    private func release() {
        unsafe plumb_unwatch_map(place)
        // Mapped by whoever made this, and not used from here on.
        unsafe _ = munmap(UnsafeMutableRawPointer(mutating: region.baseAddress!), region.count)
    }
}
