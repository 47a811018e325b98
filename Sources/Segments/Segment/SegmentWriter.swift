import Bytes
import Machine
import Records
import Traces

/// Writes the rows of any blocks of one tenant as one segment, earliest first: sealing and merging alike.
///
/// The bytes go out in order and once, so that the sink may be a file that is only appended to. Memory: one block's
/// rows, the blocks that overlap it in time, and 8 bytes an identifier, 17 while the index is built.
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
        var assembly = SegmentAssembly(tenant)
        try writeRuns(blocks, range: range, into: &assembly, to: sink)
        return try assembly.finish(to: sink)
    }

    /// The same as runs of blocks of a segment: one, unless the blocks have more columns than one block should.
    func writeRuns(
        _ blocks: [any ColumnBlock], range: ClosedRange<Int64>, into assembly: inout SegmentAssembly,
        to sink: (RawSpan) throws -> Void
    ) throws {
        for part in ColumnCrowd.parts(of: blocks) { try writeRun(part, range: range, into: &assembly, to: sink) }
    }

    private func writeRun(
        _ blocks: [any ColumnBlock], range: ClosedRange<Int64>, into assembly: inout SegmentAssembly,
        to sink: (RawSpan) throws -> Void
    ) throws {
        var merge = RowMerge(blocks, range: range, rowsPerBatch: rowsPerBlock)
        var index = IdentifierIndex.Builder()
        while let rows = try merge.next() {
            let output = encoder.encode(rows)
            StageTimes.shared.measure(.index) {
                index.addBlock(short: output.shortIdentifierKeys, others: output.identifierKeys)
            }
            try assembly.add(
                output.bytes.rawSpan, rows: rows.times.count,
                timeRange: rows.times[0]...rows.times[rows.times.count - 1],
                rawBytes: output.rawBytes, to: sink)
        }
        var bytes = ByteWriter()
        StageTimes.shared.measure(.index) { index.write(to: &bytes) }
        assembly.endRun(index: bytes.bytes)
    }

    /// The whole segment in memory; nil without rows.
    public func encode(_ blocks: [any ColumnBlock], range: ClosedRange<Int64> = .min ... .max) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        let summary = try write(blocks, range: range) { bytes.append(copying: $0) }
        return summary == nil ? nil : bytes
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
        identifierIndexBytes = footer.indexes.reduce(0) { $0 + $1.section.length }
    }
}
