import Bytes
import Records

/// A segment that is being written: runs of blocks, then the indexes of the runs, then the footer. The bytes go out in
/// order and once.
struct SegmentAssembly: ~Copyable {
    /// Where the bytes of an index come from.
    private enum IndexSource {
        case written([UInt8])
        case copied(SegmentReader, BlockSection)
    }

    private let tenant: Tenant
    private var footer: SegmentFooter?
    private var end = SegmentFooter.headLength
    private var runStart = 0
    private var indexes: [(blocks: Range<Int>, source: IndexSource)] = []

    init(_ tenant: Tenant) { self.tenant = tenant }

    /// Writes the next block of the run.
    mutating func add(
        _ block: RawSpan, rows: Int, timeRange: ClosedRange<Int64>, rawBytes: Int, to sink: (RawSpan) throws -> Void
    ) throws {
        if footer == nil {
            var head = ByteWriter()
            SegmentFooter.writeHead(to: &head)
            try sink(head.bytes.rawSpan)
        }
        try sink(block)
        end += block.byteCount
        var known = footer ?? SegmentFooter(tenant: tenant, rowCount: 0, timeRange: timeRange, rawBytes: 0)
        known.rowCount += rows
        known.rawBytes += rawBytes
        known.timeRange =
            min(
                known.timeRange.lowerBound, timeRange.lowerBound)...max(
                known.timeRange.upperBound, timeRange.upperBound)
        known.blockLengths.append(block.byteCount)
        footer = known
    }

    /// Ends a run with the index over its blocks.
    mutating func endRun(index: [UInt8]) { endRun(.written(index)) }

    /// Ends a run that was copied; its index is copied too.
    mutating func endRun(copying section: BlockSection, of segment: SegmentReader) {
        endRun(.copied(segment, section))
    }

    private mutating func endRun(_ source: IndexSource) {
        let blocks = runStart..<(footer?.blockLengths.count ?? 0)
        guard !blocks.isEmpty else { return }
        indexes.append((blocks, source))
        runStart = blocks.upperBound
    }

    /// Writes indexes and footer; nil, with nothing written, if there was no block.
    consuming func finish(to sink: (RawSpan) throws -> Void) throws -> SegmentSummary? {
        guard var footer else { return nil }
        for index in indexes {
            var section = BlockSection(offset: end, length: 0, checksum: 0)
            switch index.source {
            case .written(let bytes):
                section.length = bytes.count
                section.checksum = crc32c(bytes.rawSpan)
                try sink(bytes.rawSpan)
            case .copied(let segment, let original):
                section.length = original.length
                section.checksum = original.checksum
                let range = original.offset..<(original.offset + original.length)
                try segment.copy(range, to: sink) { () throws(CorruptionError) in try segment.check(original) }
            }
            footer.indexes.append(.init(blocks: index.blocks, section: section))
            end += section.length
        }
        var tail = ByteWriter()
        footer.write(to: &tail)
        try sink(tail.bytes.rawSpan)
        return SegmentSummary(footer, storedBytes: end + tail.count)
    }
}
