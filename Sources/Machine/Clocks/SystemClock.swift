import Glibc

/// Time that only goes forward, whatever happens to the time of day: for ages and timeouts.
public protocol MonotonicClock: Sendable {
    /// Nanoseconds since some fixed moment.
    func uptime() -> Int64
}

/// The operating system's clocks.
public struct SystemClock: WallClock, MonotonicClock {
    public init() {}

    public func now() -> Int64 { read(CLOCK_REALTIME) }
    public func uptime() -> Int64 { read(CLOCK_MONOTONIC) }

    /// CPU time that the calling thread has used, in nanoseconds: for benchmarks and per-stage figures.
    public func threadCPU() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }
    /// CPU time that the process has used, in nanoseconds.
    public func processCPU() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // The answer is valid for the length of the call.
        unsafe _ = clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
