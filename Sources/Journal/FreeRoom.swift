import Machine

/// What is free on the journal's disk. Asking costs as much as a small group's encoding, so that while there is ample
/// room it is done once in a while.
struct FreeRoom {
    /// Nanoseconds for which an answer holds: other writers fill no more than `ample` in that time.
    private static let fresh: Int64 = 20_000_000
    /// Bytes above the reserve from which it holds.
    private static let ample = 2 << 30

    private var bytes = 0
    private var askedAt: Int64?

    /// Whether `count` bytes more leave the reserve free; `now` is an uptime in nanoseconds.
    mutating func allows(
        _ count: Int, reserve: Int, now: Int64, ask: () throws(FileError) -> Int
    ) throws(FileError) -> Bool {
        if let askedAt, now - askedAt < Self.fresh, bytes - count >= reserve + Self.ample {
            bytes -= count
            return true
        }
        let known = try ask()
        bytes = known - count
        askedAt = now
        return known >= reserve + count
    }
}
