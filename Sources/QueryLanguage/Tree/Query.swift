import Bytes

/// A LogsQL query: which records, and what becomes of them.
///
/// The tree says what was asked and nothing of how it runs: times stay relative (`TimeFilter.range(now:)` resolves
/// them) and literals keep their text. `description` is the canonical form, and parsing it gives an equal tree.
public struct Query: Sendable {
    public var options: QueryOptions
    public var filter: Filter
    /// Applied in this order to what the filter selects.
    public var pipes: [Pipe]
    /// Nanoseconds since 1970: the moment that the parser was given for relative times. Equality and printing leave
    /// it out.
    public var now: Int64
    /// What `adding` put in front: no pipe shows a record outside, not even one that brings in other records than the
    /// filter selects. Equality and printing leave it out.
    public internal(set) var scope: Filter = .all

    public init(options: QueryOptions = QueryOptions(), filter: Filter, pipes: [Pipe] = [], now: Int64 = 0) {
        self.options = options
        self.filter = filter
        self.pipes = pipes
        self.now = now
    }
}

extension Query: Hashable {
    public static func == (left: Query, right: Query) -> Bool {
        left.options == right.options && left.filter == right.filter && left.pipes == right.pipes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(options)
        hasher.combine(filter)
        hasher.combine(pipes)
    }
}

/// `options(…)` before a query or subquery. Nil: the default of the engine (or of the enclosing query).
public struct QueryOptions: Hashable, Sendable {
    /// Workers at most.
    public var concurrency: UInt64?
    /// Readers of storage at most, where they are apart from workers.
    public var parallelReaders: UInt64?
    /// Leave out the `start`/`end` that came with the request.
    public var ignoresGlobalTimeFilter: Bool?
    /// Take an answer that misses what some store could not give.
    public var allowsPartialResponse: Bool?
    /// Shifts every time filter of the query back, and the times of the answer forth, by this much.
    public var timeOffset: DurationLiteral?

    public init(
        concurrency: UInt64? = nil, parallelReaders: UInt64? = nil, ignoresGlobalTimeFilter: Bool? = nil,
        allowsPartialResponse: Bool? = nil, timeOffset: DurationLiteral? = nil
    ) {
        self.concurrency = concurrency
        self.parallelReaders = parallelReaders
        self.ignoresGlobalTimeFilter = ignoresGlobalTimeFilter
        self.allowsPartialResponse = allowsPartialResponse
        self.timeOffset = timeOffset
    }
}

/// A field's name, or `prefix*`: every field whose name begins so (`*` alone: every field).
public struct FieldPattern: Hashable, Sendable {
    public var name: ByteString
    public var isPrefix: Bool

    public init(_ name: ByteString, isPrefix: Bool = false) {
        self.name = name
        self.isPrefix = isPrefix
    }

    /// `*`.
    public static let all = FieldPattern(.empty, isPrefix: true)

    /// O(length).
    public func matches(_ field: ByteString) -> Bool {
        isPrefix ? field.bytes.starts(with: name.bytes) : field == name
    }
}
