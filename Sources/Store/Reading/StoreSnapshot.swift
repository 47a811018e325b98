import Bytes
import Records
import Segments
import Traces

/// One tenant's rows at the moment it was taken: journal blocks and segments, none twice. Keeps what it sees alive, so
/// it should not outlive its query by long. Taking one is O(1).
public struct StoreSnapshot: BlockSnapshot {
    let view: TenantView

    /// O(blocks of the range · log); the first use of a segment reads its footer and its blocks' headers.
    public func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] {
        var found: [EncodedBlock] = []
        for handle in view.segments where handle.entry.timeRange.overlaps(range) {
            guard let segment = handle.readable() else { continue }
            for block in segment.blocks where block.timeRange.overlaps(range) { found.append(block) }
        }
        for memory in view.memory where memory.block.timeRange.overlaps(range) { found.append(memory.block) }
        return found.sorted { $0.timeRange.lowerBound < $1.timeRange.lowerBound }
    }

    /// Asks every segment's identifier index and every journal block's filter. O(segments + journal blocks + hits).
    public func blocks(withIdentifier id: ByteString) -> [any ColumnBlock] { encodedBlocks(withIdentifier: id) }

    /// The rows that have the identifier in whichever field, block by block, earliest block first; hex case and a
    /// UUID's dashes do not matter. O(segments + journal blocks + rows of the blocks hit).
    public func rows(withIdentifier id: ByteString) throws -> [(block: any ColumnBlock, rows: [Int])] {
        try encodedBlocks(withIdentifier: id).compactMap { block in
            guard let rows = try block.rows(withIdentifier: id), !rows.isEmpty else { return nil }
            return (block, rows)
        }
    }

    private func encodedBlocks(withIdentifier id: ByteString) -> [EncodedBlock] {
        let key = IdentifierHasher.key(id)
        var found: [EncodedBlock] = []
        for handle in view.segments {
            if let segment = handle.readable() { found += segment.blocks(withIdentifierKey: key) }
        }
        for memory in view.memory where memory.block.mayContain(identifier: id) { found.append(memory.block) }
        return found.sorted { $0.timeRange.lowerBound < $1.timeRange.lowerBound }
    }

    /// Segments that could not be read as a whole; an answer that needed them is not whole either and must say so.
    public var damagedSegments: Int { view.segments.count { !$0.isWhole } }

    public var rowCount: Int {
        view.memory.reduce(0) { $0 + $1.block.rowCount } + view.segments.reduce(0) { $0 + $1.entry.rows }
    }
}
