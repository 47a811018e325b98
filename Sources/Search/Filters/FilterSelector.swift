import Bytes
import QueryLanguage
import Records

/// LogsQL for those who judge stored rows without asking a query.
public struct LogsQLSelectors: RowSelectorCompiler {
    public init() {}

    /// Throws `QueryError` for a text that is no filter, and `SearchError` for one that cannot be kept: it would select
    /// other rows tomorrow.
    public func compile(_ text: String, tenant: Tenant, now: Int64) throws -> any RowSelector {
        let filter = try QueryParser.parseFilter(text)
        let compiler = FilterCompiler(
            now: now, values: { _, _ in throw SearchError.unsupported("a subquery in a filter that is kept") })
        let compiled: any RowFilter
        do {
            compiled = try compiler.compile(filter)
        } catch let error as RegexpError {
            throw SearchError.regexp(pattern: error.pattern, reason: error.reason)
        }
        return FilterSelector(
            filter: compiled, range: FilterBounds.timeRange(filter, now: now),
            identifier: FilterBounds.identifier(filter), executor: QueryExecutor(workers: 1, tenant: tenant))
    }
}

/// A filter asked block by block.
private struct FilterSelector: RowSelector {
    let filter: any RowFilter
    /// No row outside is selected; nil if none is at all.
    let range: ClosedRange<Int64>?
    /// An identifier that every selected row holds.
    let identifier: ByteString?
    let executor: QueryExecutor

    func maySelect(from block: any ColumnBlock) -> Bool {
        guard let range, block.timeRange.overlaps(range), filter.mayMatch(block) else { return false }
        return identifier.map { block.mayContain(identifier: $0) } ?? true
    }

    func selectedRows(of block: any ColumnBlock) throws -> [UInt64] {
        let chunk = Chunk(BlockSource(block, executor), rowCount: block.rowCount)
        guard range != nil else { return [UInt64](repeating: 0, count: chunk.rows.words.count) }
        try filter.narrow(&chunk.rows, of: chunk)
        return chunk.rows.words
    }
}
