/// What one query may use.
public struct QueryLimits: Sendable, Equatable {
    /// Bytes that grouping, sorting and collecting may hold at once. Past it the query fails with
    /// `SearchError.memory`: an answer over part of the rows would look like one over all.
    public var memoryBytes: Int
    /// Rows handed out. Past it the answer ends and `QueryOutcome.partial` says so.
    public var resultRows: Int
    /// Values of a subquery in `in(…)` and its kin, and rows of the right side of `join`. Past it the query fails.
    public var subqueryRows: Int
    /// Nanoseconds that a query may run, waiting for its client left aside. Past them it fails with `SearchError.time`.
    public var timeNanoseconds: Int64

    /// Columns of text address their bytes with 32 bits: no query gets more than this, whatever is configured.
    public static let mostMemoryBytes = 3 << 30

    public init(
        memoryBytes: Int = 512 << 20, resultRows: Int = .max, subqueryRows: Int = 5_000_000,
        timeNanoseconds: Int64 = .max
    ) {
        self.memoryBytes = min(memoryBytes, Self.mostMemoryBytes)
        self.resultRows = resultRows
        self.subqueryRows = subqueryRows
        self.timeNanoseconds = timeNanoseconds
    }
}

/// Why a query gave no answer.
public enum SearchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Grouping, sorting or collecting needed more than `QueryLimits.memoryBytes`.
    case memory(limitBytes: Int)
    /// A subquery gave more than `QueryLimits.subqueryRows`.
    case subqueryRows(limit: Int)
    /// All queries together hold more than `SharedMemory.limitBytes`.
    case sharedMemory(limitBytes: Int)
    /// The query ran for longer than `QueryLimits.timeNanoseconds`.
    case time(limitNanoseconds: Int64)
    /// The client went away, or the server ends.
    case cancelled
    /// A regular expression that RE2 does not take.
    case regexp(pattern: String, reason: String)
    /// Something the language has and the engine does not run, or not at this place.
    case unsupported(String)

    public var description: String {
        switch self {
        case .memory(let limit):
            "the query needs more than its \(limit >> 20) MiB of memory; narrow it or raise the limit"
        case .subqueryRows(let limit): "a subquery gave more than \(limit) rows"
        case .sharedMemory(let limit):
            "all queries together need more than their \(limit >> 20) MiB of memory; try again, or raise the limit"
        case .time(let limit):
            "the query took longer than its \(NumberText.text(Double(limit) / 1e9)) s; narrow it or raise the limit"
        case .cancelled: "the query was cancelled"
        case .regexp(let pattern, let reason): "bad regular expression \(pattern): \(reason)"
        case .unsupported(let what): "\(what) is not supported"
        }
    }
}

/// What a query read, and whether its answer is whole.
public struct QueryOutcome: Sendable, Equatable {
    public var rowsScanned = 0
    public var rowsMatched = 0
    public var rowsReturned = 0
    public var blocksScanned = 0
    /// Blocks whose header alone said that no row can match.
    public var blocksSkipped = 0
    /// Why the answer misses rows; empty if it does not.
    public var partial: [String] = []

    public init() {}
}
