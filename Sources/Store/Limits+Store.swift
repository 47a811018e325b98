import Records

extension Limits {
    /// Bytes of committed batches that may wait for the observers. Past it the commit thread waits, which slows
    /// everyone who appends: observers see every group, so they set the pace when they are the slowest.
    public static let observerQueueBytes = 32 << 20
    /// Small neighbouring blocks in the memory table that are joined into one, so that queries do not pay for
    /// thousands.
    public static let smallMemoryBlocks = 64
    /// Rows from which a block of the memory table is not small.
    public static let smallBlockRows = 1_024
    /// Encoded bytes up to which neighbouring days share a segment: a segment by itself costs a kilobyte or two, and
    /// what its rows have in common with others.
    public static let sharedDayBytes = 1 << 20
    /// Days of which a segment may hold rows.
    public static let sharedDays = 31
    /// Bytes before encoding from which it is not small either.
    public static let smallBlockBytes = 256 << 10
    /// Bytes before encoding that weigh as much in the memory table as one encoded byte: sealing unpacks what overlaps
    /// in time, a gigabyte at most with a table of 128 MiB.
    public static let rawBytesPerMemoryByte = 8
    /// Deletions that may have rows to remove at once: every query asks each of them about every block that it reads.
    /// One more is refused.
    public static let activeDeletions = 256
    /// Blocks of which a kept filter remembers the rows that it selects; with more it begins anew, which costs time.
    public static let rememberedSelections = 65_536
    /// How often a query begins anew because it met a damaged block, which is left out then. After that it fails.
    public static let damagedBlocksPerQuery = 64
    /// Descriptions of damage that a store keeps for its status; the rest are only counted.
    public static let damageReports = 100
}
