import Bytes
import Records
import Traces

/// Writes the rows of any blocks of one tenant as one segment, earliest first: sealing and merging alike.
///
/// The bytes go out in order and once, so that the sink may be a file that is only appended to. Memory: one block's
/// rows, the blocks that overlap it in time, and 12 bytes an identifier.
public struct SegmentWriter: Sendable {
    public let tenant: Tenant
    /// Rows of a block at most; a block of very long rows has fewer.
    public let rowsPerBlock: Int
    private let encoder: BlockEncoder

    public init(tenant: Tenant = .main, rowsPerBlock: Int = Limits.rowsPerBlock, effort: EncodingEffort = .seal) {
        precondition(rowsPerBlock > 0 && rowsPerBlock <= BlockHeader.maximumRows)
        self.tenant = tenant
        self.rowsPerBlock = rowsPerBlock
        encoder = BlockEncoder(effort: effort)
    }

    /// Writes the rows of `blocks` whose times lie in `range` (nanoseconds, inclusive); blocks that cross a day's
    /// border are given once for each day. Answers nil, and writes nothing, if there is no such row. Rethrows what
    /// the sink throws, and `CorruptionError` from a block. O(cells + bytes).
    public func write(
        _ blocks: [any ColumnBlock], range: ClosedRange<Int64> = .min ... .max, to sink: (RawSpan) throws -> Void
    ) throws -> SegmentSummary? {
        var merge = RowMerge(blocks, range: range, tenant: tenant, rowsPerBatch: rowsPerBlock)
        var index = IdentifierIndex.Builder()
        var footer: SegmentFooter?
        var end = SegmentFooter.headLength
        while let batch = try merge.next() {
            if footer == nil {
                var head = ByteWriter()
                SegmentFooter.writeHead(to: &head)
                try sink(head.bytes.rawSpan)
            }
            let output = encoder.encode(batch)
            try sink(output.bytes.rawSpan)
            index.addBlock(output.identifierKeys)
            end += output.bytes.count
            Self.add(batch, length: output.bytes.count, tenant: tenant, to: &footer)
        }
        guard var footer else { return nil }
        var tail = ByteWriter()
        index.write(to: &tail)
        footer.index = BlockSection(offset: end, length: tail.count, checksum: crc32c(tail.bytes.rawSpan))
        footer.write(to: &tail)
        try sink(tail.bytes.rawSpan)
        return SegmentSummary(footer, storedBytes: end + tail.count)
    }

    /// The whole segment in memory; nil without rows.
    public func encode(_ blocks: [any ColumnBlock], range: ClosedRange<Int64> = .min ... .max) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        let summary = try write(blocks, range: range) { bytes.append(copying: $0) }
        return summary == nil ? nil : bytes
    }

    private static func add(_ batch: RecordBatch, length: Int, tenant: Tenant, to footer: inout SegmentFooter?) {
        let first = batch.times[0]
        let last = batch.times[batch.rowCount - 1]
        let rawBytes = batch.columns.reduce(0) { $0 + $1.slices.reduce(0) { $0 + Int($1.length) } }
        guard var known = footer else {
            footer = SegmentFooter(
                tenant: tenant, rowCount: batch.rowCount, timeRange: first...last, rawBytes: rawBytes,
                blockLengths: [length], index: BlockSection(offset: 0, length: 0, checksum: 0))
            return
        }
        known.rowCount += batch.rowCount
        known.timeRange = known.timeRange.lowerBound...last
        known.rawBytes += rawBytes
        known.blockLengths.append(length)
        footer = known
    }
}

extension SegmentSummary {
    init(_ footer: SegmentFooter, storedBytes: Int) {
        tenant = footer.tenant
        rowCount = footer.rowCount
        timeRange = footer.timeRange
        blockCount = footer.blockLengths.count
        rawBytes = footer.rawBytes
        self.storedBytes = storedBytes
        identifierIndexBytes = footer.index.length
    }
}
