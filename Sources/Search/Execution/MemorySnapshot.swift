import Bytes
import Records

/// Batches as a snapshot: what a query over files or standard input runs on.
public struct MemorySnapshot: BlockSnapshot {
    private let ordered: [any ColumnBlock]

    /// Batches without rows are left out.
    public init(_ batches: [RecordBatch]) {
        self.init(blocks: batches.filter { $0.rowCount > 0 }.map { BatchBlock($0) })
    }

    /// Blocks in any order.
    public init(blocks: [any ColumnBlock]) {
        ordered = blocks.enumerated().sorted {
            ($0.element.timeRange.lowerBound, $0.offset) < ($1.element.timeRange.lowerBound, $1.offset)
        }.map(\.element)
    }

    public func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] {
        ordered.filter { $0.timeRange.overlaps(range) }
    }
}
