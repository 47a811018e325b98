import Bytes
import Records

extension SegmentWriter {
    /// Blocks of a segment that is copied, at least: each copied segment brings an index of its own, and an index over
    /// a handful of blocks would cost every lookup as much as one over many.
    private static let copiedBlocks = 8
    /// Copied segments may lie over each other in time this many times on average. Beyond it, a query for a few minutes
    /// would read a block of every one of them.
    private static let copiedDepth = 3.0

    /// Writes segments of one tenant as one. Those whose blocks are full are copied as they are, index and all; the
    /// rows of the others are merged by time and encoded anew. The segments must not be damaged. Rethrows what the
    /// sink throws, and `CorruptionError` from a checksum: every byte that is copied or read is checked, whatever was
    /// checked before, since the new segment gets checksums of its own. O(bytes), and O(cells) of what is encoded anew.
    public func merge(_ segments: [SegmentReader], to sink: (RawSpan) throws -> Void) throws -> SegmentSummary? {
        precondition(segments.allSatisfy { $0.damage.isEmpty && $0.summary.tenant == tenant })
        var copied = segments.filter(isWorthCopying)
        if Self.depth(copied.map(\.summary.timeRange)) > Self.copiedDepth { copied = [] }
        let names = Set(copied.map(\.identity))
        let rest = segments.filter { !names.contains($0.identity) }
        var runs = copied.map { (start: $0.summary.timeRange.lowerBound, segment: Optional($0)) }
        if let start = rest.map(\.summary.timeRange.lowerBound).min() { runs.append((start: start, segment: nil)) }
        runs.sort { $0.start < $1.start }
        var assembly = SegmentAssembly(tenant)
        for run in runs {
            if let segment = run.segment {
                try copy(segment, into: &assembly, to: sink)
            } else {
                for segment in rest { for block in segment.blocks { try block.check() } }
                try writeRun(rest.flatMap(\.blocks), range: .min ... .max, into: &assembly, to: sink)
            }
        }
        return try assembly.finish(to: sink)
    }

    private func isWorthCopying(_ segment: SegmentReader) -> Bool {
        let blocks = segment.blocks.count
        guard blocks >= Self.copiedBlocks else { return false }
        return segment.summary.rowCount * 2 >= blocks * rowsPerBlock
            || segment.summary.rawBytes * 2 >= blocks * RowMerge.batchBytes
    }

    /// How many of the ranges lie over a moment that any of them holds, on average.
    static func depth(_ ranges: [ClosedRange<Int64>]) -> Double {
        func seconds(_ range: ClosedRange<Int64>) -> Double {
            (Double(range.upperBound) - Double(range.lowerBound)) / 1e9 + 1e-3
        }
        var union = 0.0
        var open: ClosedRange<Int64>?
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let known = open, range.lowerBound <= known.upperBound else {
                union += open.map(seconds) ?? 0
                open = range
                continue
            }
            open = known.lowerBound...max(known.upperBound, range.upperBound)
        }
        union += open.map(seconds) ?? 0
        return union == 0 ? 0 : ranges.reduce(0) { $0 + seconds($1) } / union
    }

    private func copy(
        _ segment: SegmentReader, into assembly: inout SegmentAssembly, to sink: (RawSpan) throws -> Void
    ) throws {
        for part in segment.indexParts { try copy(part, of: segment, into: &assembly, to: sink) }
    }

    /// Copies a run of blocks and its index.
    func copy(
        _ part: SegmentFooter.Index, of segment: SegmentReader, into assembly: inout SegmentAssembly,
        to sink: (RawSpan) throws -> Void
    ) throws {
        for block in segment.blocks[part.blocks] {
            try segment.copy(block.range) { bytes in
                try assembly.add(
                    bytes, rows: block.rowCount, timeRange: block.timeRange, rawBytes: block.rawBytes, to: sink)
            } check: { () throws(CorruptionError) in
                try block.check()
            }
        }
        assembly.endRun(copying: part.section, of: segment)
    }
}
