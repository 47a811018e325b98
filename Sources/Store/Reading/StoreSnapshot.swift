import Bytes
import Records
import Segments
import Traces

/// One tenant's rows at the moment it was taken: journal blocks and segments, none twice. Keeps what it sees alive, so
/// it should not outlive its query by long. Taking one is O(1).
public struct StoreSnapshot: BlockSnapshot {
    let view: TenantView
    /// Which of these rows are hidden.
    let rules: [HidingRule]
    let damage: DamageLog
    /// Blocks of the memory table that could not be read.
    var damagedBlocks = 0

    /// O(blocks of the range · log); the first use of a segment reads its footer and its blocks' headers.
    public func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] {
        var found = Found()
        for handle in view.segments where handle.entry.timeRange.overlaps(range) {
            guard let segment = handle.readable() else { continue }
            add(segment.blocks.filter { $0.timeRange.overlaps(range) }, of: handle, to: &found)
        }
        for memory in view.memory where memory.block.timeRange.overlaps(range) { add(memory, to: &found) }
        return found.inOrder
    }

    /// Blocks as they are found, with the times of their first rows.
    private struct Found {
        var blocks: [(start: Int64, block: any ColumnBlock)] = []

        var inOrder: [any ColumnBlock] { blocks.sorted { $0.start < $1.start }.map(\.block) }
    }

    private func add(_ blocks: [EncodedBlock], of handle: SegmentHandle, to found: inout Found) {
        let rules = self.rules.filter { $0.covers(handle.entry) }
        for block in blocks {
            found.blocks.append((block.timeRange.lowerBound, screened(block, rules) { handle.quarantine($0) }))
        }
    }

    private func add(_ memory: MemoryBlock, to found: inout Found) {
        let rules = self.rules.filter { $0.covers(memory) }
        let block = screened(memory.block, rules) { [damage] in damage.report($0) }
        found.blocks.append((memory.block.timeRange.lowerBound, block))
    }

    /// The block without the rows that are hidden.
    private func screened(
        _ block: EncodedBlock, _ rules: [HidingRule], onDamage: @escaping @Sendable (any Error) -> Void
    ) -> any ColumnBlock {
        let holding = rules.filter { $0.selection.mayHold(block) }
        return holding.isEmpty ? block : ScreenedBlock(block, holding, onDamage: onDamage)
    }

    /// Asks every segment's identifier index and every journal block's filter. O(segments + journal blocks + hits).
    public func blocks(withIdentifier id: ByteString) -> [any ColumnBlock] {
        let key = IdentifierKey(id)
        var found = Found()
        for handle in view.segments {
            add(handle.blocks(withIdentifierKey: key), of: handle, to: &found)
        }
        for memory in view.memory where memory.block.mayContain(identifier: id) { add(memory, to: &found) }
        return found.inOrder
    }

    /// The rows that have the identifier in whichever field, block by block, earliest block first; hex case and a
    /// UUID's dashes do not matter. O(segments + journal blocks + rows of the blocks hit).
    public func rows(withIdentifier id: ByteString) throws -> [(block: any ColumnBlock, rows: [Int])] {
        try blocks(withIdentifier: id).compactMap { block in
            guard let rows = try block.rows(withIdentifier: id), !rows.isEmpty else { return nil }
            return (block, rows)
        }
    }

    /// Segments that could not be read as a whole; an answer that needed them is not whole either and must say so.
    public var damagedSegments: Int { view.segments.count { !$0.isWhole } }

    /// Why an answer over this snapshot may not be whole; nil if nothing is known to be damaged.
    public var damageNote: String? {
        let parts = [(damagedSegments, "damaged segments"), (damagedBlocks, "damaged blocks of the journal")]
        let met = parts.filter { $0.0 > 0 }.map { "\($0) \($1)" }
        return met.isEmpty ? nil : met.joined(separator: " and ") + " were left out"
    }

    /// All rows that are stored, hidden ones included.
    public var rowCount: Int {
        view.memory.reduce(0) { $0 + $1.block.rowCount } + view.segments.reduce(0) { $0 + $1.entry.rows }
    }
}
