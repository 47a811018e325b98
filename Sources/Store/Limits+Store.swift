import Records

extension Limits {
    /// Bytes of committed batches that may wait for the observers. Past it the commit thread waits, which slows everyone
    /// who appends: observers see every group, so they set the pace when they are the slowest.
    public static let observerQueueBytes = 64 << 20
    /// Blocks of the memory table below which small ones are left alone; above, they are joined, so that queries do not
    /// pay for thousands of tiny blocks.
    public static let smallMemoryBlocks = 64
    /// Descriptions of damage that a store keeps for its status; the rest are only counted.
    public static let damageReports = 100
}
