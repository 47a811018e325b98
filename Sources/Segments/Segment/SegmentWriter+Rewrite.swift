import Bytes
import Records

extension SegmentWriter {
    /// Writes a segment anew with some of its rows. Runs of blocks that keep every row are copied, index and all; the
    /// others are encoded anew. The segment must not be damaged. Answers nil, and writes nothing, if no row is kept.
    /// Rethrows what the sink throws, and `CorruptionError`. O(bytes), and O(cells) of what is encoded anew.
    ///
    /// - Parameter kept: the rows to keep of the block at an offset in the file; all of a block that is not named.
    public func rewrite(
        _ segment: SegmentReader, keeping kept: [Int: RowPresence], to sink: (RawSpan) throws -> Void
    ) throws -> SegmentSummary? {
        precondition(segment.damage.isEmpty && segment.summary.tenant == tenant)
        var assembly = SegmentAssembly(tenant)
        for part in segment.indexParts {
            let blocks = segment.blocks[part.blocks]
            if blocks.allSatisfy({ kept[$0.range.lowerBound] == nil }) {
                try copy(part, of: segment, into: &assembly, to: sink)
                continue
            }
            for block in blocks { try block.check() }
            let rest = blocks.compactMap { block -> (any ColumnBlock)? in
                guard let rows = kept[block.range.lowerBound] else { return block }
                return rows.count == 0 ? nil : KeptRows(block, rows)
            }
            if !rest.isEmpty { try writeRuns(rest, range: .min ... .max, into: &assembly, to: sink) }
        }
        return try assembly.finish(to: sink)
    }
}
