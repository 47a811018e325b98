import Journal
import Records

/// How a store behaves; the defaults suit a server on a machine with two cores.
public struct StoreOptions: Sendable {
    public var journal = JournalOptions()
    /// Encoded bytes in the memory table at which it is sealed into segments.
    public var sealBytes = 24 << 20
    /// Age of the oldest row's arrival at which the memory table is sealed however small it is.
    public var sealAgeNanoseconds: Int64 = 300 * 1_000_000_000
    /// Encoded bytes in the memory table at which appends are answered `busy` until sealing has caught up.
    public var memoryBytes = 96 << 20
    /// Bytes of committed batches that may wait for the observers; appends wait past it.
    public var observerQueueBytes = Limits.observerQueueBytes
    /// Rows older than this are rejected, and segments wholly older removed; nil keeps everything.
    public var retentionNanoseconds: Int64?
    /// Ages that rows of some streams may not reach, each below `retentionNanoseconds`.
    public var streamRetention: [StreamRetention] = []
    /// Reads the filters of deletions and of `streamRetention`; without one there can be neither.
    public var selectors: (any RowSelectorCompiler)?
    /// Bytes that segments may take; the oldest go first, and the newest always stays. Nil for no bound.
    public var maximumBytes: Int?
    /// Segments of about one size in one day that are merged into one.
    public var mergeFanIn = 8
    /// Bytes above which a segment is merged no further.
    public var maximumSegmentBytes = 2 << 30
    /// Bytes a second that merging may write, on average.
    public var mergeBytesPerSecond = 64 << 20
    /// Encoded bytes up to which neighbouring days of a tenant share a segment; 0 keeps every day apart.
    public var sharedDayBytes = Limits.sharedDayBytes
    /// Off: sealing, merging and retention happen only when asked for, as tests want it.
    public var worksInBackground = true

    /// Told, in a sentence each, what whoever runs the store should hear of while it goes on: damage, once a place, and
    /// that appends are refused or taken again. Called from any thread; must not wait.
    public var log: (@Sendable (String) -> Void)?

    public init() {}

    /// How days share segments: within a month where rows are kept for good, and so that rows outlive retention by an
    /// eighth of it at most; a bound on bytes must be able to drop days one by one.
    package var daySharing: DaySharing {
        let kept = retentionNanoseconds.map { Int($0 / Timestamp.nanosecondsPerDay) }
        return DaySharing(
            bytes: min(sharedDayBytes, (maximumBytes ?? .max) / 64),
            days: min(Limits.sharedDays, max(1, (kept ?? .max) / 8)))
    }

    /// Bounds of zero or less would refuse or remove everything that comes.
    func check() throws(StoreError) {
        if let retentionNanoseconds, retentionNanoseconds <= 0 {
            throw .badOption("retention must be above 0 ns, not \(retentionNanoseconds); leave it out to keep all")
        }
        if let maximumBytes, maximumBytes <= 0 {
            throw .badOption("the bound on segments must be above 0 bytes, not \(maximumBytes); leave it out for none")
        }
        for rule in streamRetention {
            guard rule.nanoseconds > 0, rule.nanoseconds < retentionNanoseconds ?? Int64.max else {
                throw .badOption(
                    "retention of \(rule.filter) must be above 0 and shorter than that of everything else")
            }
        }
    }
}

/// An age after which the rows that a filter selects go, although others may stay.
public struct StreamRetention: Sendable, Equatable {
    /// Such as `{service="debug"}`. What it says of times is not asked again as rows age, so it should say nothing.
    public var filter: String
    public var nanoseconds: Int64

    public init(filter: String, nanoseconds: Int64) {
        self.filter = filter
        self.nanoseconds = nanoseconds
    }
}
