/// The time of day. Only `Machine` asks the operating system, so that a test can hold the clock in its hand.
public protocol WallClock: Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    func now() -> Int64
}
