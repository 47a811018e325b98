import Records
import Segments
import Synchronization

/// What one filter selects, remembered block by block, since blocks never change.
final class RowSelection: Sendable {
    enum Rows: Sendable {
        case none
        case all
        /// A bit a row, 64 to a word.
        case some([UInt64])
    }

    private struct Known: Sendable {
        var blocks: [BlockIdentity: Rows] = [:]
        /// Segments of which no row is selected, whatever blocks they have.
        var segmentsWithout: Set<UInt64> = []
    }

    let selector: any RowSelector
    private let known = Mutex(Known())

    init(_ selector: any RowSelector) { self.selector = selector }

    /// False only if no row is selected. Reads no column.
    func mayHold(_ block: EncodedBlock) -> Bool {
        switch known.withLock({ $0.blocks[block.identity] }) {
        case .none?: false
        case .all?, .some?: true
        case nil: selector.maySelect(from: block)
        }
    }

    /// O(rows), once for each block.
    func rows(of block: EncodedBlock) throws -> Rows {
        let identity = block.identity
        if let rows = known.withLock({ $0.blocks[identity] }) { return rows }
        let rows = try selector.maySelect(from: block) ? judge(block) : .none
        known.withLock { known in
            if known.blocks.count >= Limits.rememberedSelections { known.blocks = [:] }
            known.blocks[identity] = rows
        }
        return rows
    }

    private func judge(_ block: EncodedBlock) throws -> Rows {
        let words = try selector.selectedRows(of: block)
        let count = words.reduce(0) { $0 + $1.nonzeroBitCount }
        return count == 0 ? .none : count == block.rowCount ? .all : .some(words)
    }

    func isWithout(_ segment: UInt64) -> Bool { known.withLock { $0.segmentsWithout.contains(segment) } }

    func noteWithout(_ segment: UInt64) {
        known.withLock { known in
            if known.segmentsWithout.count >= Limits.rememberedSelections { known.segmentsWithout = [] }
            known.segmentsWithout.insert(segment)
        }
    }
}
