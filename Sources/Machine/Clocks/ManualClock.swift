import Synchronization

/// A clock that stands still until told otherwise: for tests and for replaying history.
public final class ManualClock: WallClock, MonotonicClock {
    private let wall: Atomic<Int64>
    private let up = Atomic<Int64>(0)

    /// `start`: nanoseconds since the epoch.
    public init(_ start: Int64 = 0) { wall = Atomic(start) }

    public func now() -> Int64 { wall.load(ordering: .sequentiallyConsistent) }
    public func uptime() -> Int64 { up.load(ordering: .sequentiallyConsistent) }

    /// Both clocks go forward by `nanoseconds`.
    public func advance(by nanoseconds: Int64) {
        precondition(nanoseconds >= 0)
        wall.add(nanoseconds, ordering: .sequentiallyConsistent)
        up.add(nanoseconds, ordering: .sequentiallyConsistent)
    }

    /// Sets the time of day alone, as an operator or a time server may.
    public func set(_ now: Int64) { wall.store(now, ordering: .sequentiallyConsistent) }
}
