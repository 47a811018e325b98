import Synchronization

/// Parts of ingest that share their threads with others, so that the threads' own times do not tell them apart.
public enum Stage: Int, CaseIterable, Sendable {
    /// Bytes of a sender taken apart into values.
    case parse
    /// Messages taken apart into the words of a template and what changes between them.
    case templates
    /// zstd and LZ4.
    case compress
    /// Identifier indexes of segments.
    case index
}

/// CPU time of each stage since the start of the process.
///
/// One measurement asks the operating system twice for the thread's time, about half a microsecond: stages are
/// measured where they work on many rows at once.
public final class StageTimes: Sendable {
    public static let shared = StageTimes()

    private let spent = Mutex([Int64](repeating: 0, count: Stage.allCases.count))

    public init() {}

    /// Runs `body` and counts its CPU time to the stage, unless there is too little to do for that: `isWorthwhile`.
    /// Stages must not be nested.
    public func measure<Result, Failure>(
        _ stage: Stage, if isWorthwhile: Bool = true, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard isWorthwhile else { return try body() }
        let clock = SystemClock()
        let start = clock.threadCPU()
        defer {
            let taken = clock.threadCPU() - start
            spent.withLock { $0[stage.rawValue] += taken }
        }
        return try body()
    }

    /// Nanoseconds of CPU.
    public func nanoseconds(_ stage: Stage) -> Int64 { spent.withLock { $0[stage.rawValue] } }
}
