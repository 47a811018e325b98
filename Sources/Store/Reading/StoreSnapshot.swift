import Bytes
import Records
import Segments

/// One tenant's rows at the moment it was taken: journal blocks and segments, none twice. Keeps what it sees alive, so it
/// should not outlive its query by long. Taking one is O(1).
public struct StoreSnapshot: BlockSnapshot {
    let view: TenantView

    /// O(blocks of the range · log), the first use of a segment reads its directory.
    public func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] {
        var found: [EncodedBlock] = []
        for handle in view.segments where handle.entry.timeRange.overlaps(range) {
            guard let segment = handle.segment() else { continue }
            for block in segment.blocks where block.timeRange.overlaps(range) { found.append(block) }
        }
        for memory in view.memory where memory.block.timeRange.overlaps(range) { found.append(memory.block) }
        return found.sorted { $0.timeRange.lowerBound < $1.timeRange.lowerBound }
    }

    /// Asks every segment's identifier index and every journal block's filter. O(segments + hits).
    public func blocks(withIdentifier id: ByteString) -> [any ColumnBlock] {
        let folded = IdentifierField.normalized(id)
        var found: [EncodedBlock] = []
        for handle in view.segments {
            guard let segment = handle.segment() else { continue }
            found += segment.blocks(withIdentifier: folded)
        }
        for memory in view.memory where memory.block.mayContain(identifier: folded) { found.append(memory.block) }
        return found.sorted { $0.timeRange.lowerBound < $1.timeRange.lowerBound }
    }

    /// Segments that could not be read; an answer without them is not whole and must say so.
    public var damagedSegments: Int { view.segments.count { $0.isDamaged } }

    public var rowCount: Int {
        view.memory.reduce(0) { $0 + $1.block.rowCount } + view.segments.reduce(0) { $0 + $1.entry.rows }
    }
}
