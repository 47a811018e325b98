/// Tells which rows of a block a filter selects, for those who keep filters without knowing their language: deletion
/// and retention. The answer depends on nothing but the rows.
public protocol RowSelector: Sendable {
    /// False only if the block's header says that no row is selected. Reads no column.
    func maySelect(from block: any ColumnBlock) -> Bool
    /// A bit a row, 64 to a word, the first row in the lowest bit; bits behind the last row are zero. O(rows).
    func selectedRows(of block: any ColumnBlock) throws -> [UInt64]
}

/// Reads the texts of filters.
public protocol RowSelectorCompiler: Sendable {
    /// - Parameters:
    ///   - tenant: whose rows will be asked.
    ///   - now: nanoseconds since the epoch; what relative times are relative to, however late the rows are asked.
    /// - Throws: why the text is no filter, in words for whoever wrote it.
    func compile(_ filter: String, tenant: Tenant, now: Int64) throws -> any RowSelector
}
