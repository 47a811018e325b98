import Records

extension Limits {
    /// Encoded bytes after which a commit group takes no more batches: bounds what one write and one sync must move. A
    /// single larger batch is a group of its own.
    public static let journalGroupBytes = 8 << 20
    /// Payload bytes of one frame that replay believes; a larger length is damage, so that no length from disk sizes an
    /// allocation unchecked.
    public static let journalFrameBytes = 512 << 20
    /// Rows that make encoding start while the disk is still busy with the group before. Fewer wait and share a block,
    /// which keeps small batches cheap.
    public static let eagerEncodingRows = 4_096
    /// Rows of a batch from which it is a block of its own in its commit group. Smaller ones share a block, so that
    /// neither encoding nor reading pays for each alone.
    public static let rowsOfOwnBlock = 1_024
    /// Agents whose sequence numbers are kept. A new one past it is refused with a storage error that says so.
    public static let agents = 65_536
    /// Bytes of an agent's name.
    public static let agentNameBytes = 256
    /// Rows times columns of a block that small batches share.
    public static let cellsOfSharedBlock = 4 << 20
    /// Columns of a block past which small batches share it no more: with names that never repeat, each has columns of
    /// its own.
    public static let columnsOfSharedBlock = 4_096
}
