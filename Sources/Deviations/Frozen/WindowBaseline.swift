import Records

/// Learns what all series did in a past window from its stored records, just as the engine learns from those that come:
/// the same buckets, series and detectors, only from nothing and without reports.
///
/// Give it the blocks that have rows in the window, in the order of their earliest rows; then hand it to
/// `DeviationEngine.freeze`. While it learns it takes as much memory as an engine with those series.
public struct WindowBaseline: Sendable {
    /// A block's rows of the window, by time, as far as they are not learnt from yet.
    private struct Held {
        var batch: RecordBatch
        /// Rows in the order of their times.
        var rows: ArraySlice<Int>
    }

    /// Nanoseconds since the epoch.
    public let window: Range<Int64>
    private(set) var state: EngineState
    private var held: [Held] = []
    /// Records of the window so far.
    public private(set) var records = 0

    /// `window`: not empty.
    public init(window: Range<Int64>, options: EngineOptions) {
        precondition(!window.isEmpty)
        self.window = window
        var quiet = options
        // Whoever learns reports nothing.
        quiet.learningDays = 36_500
        state = EngineState(options: quiet)
    }

    /// Takes a block's rows of the window. Its earliest row must not be before that of a block that was added before.
    /// O(cells).
    public mutating func add(_ block: any ColumnBlock) throws {
        let times = try block.times()
        let rows = times.indices.filter { window.contains(times[$0]) }.sorted { (times[$0], $0) < (times[$1], $1) }
        guard let first = rows.first else { return }
        var batch = try RecordBatch(block)
        batch.tenant = state.options.tenant
        records += rows.count
        learn(before: times[first])
        held.append(Held(batch: batch, rows: rows[...]))
    }

    /// Learns from all rows that are left and closes the last bucket.
    mutating func finish() {
        learn(before: window.upperBound)
        state.advance(to: window.upperBound + Int64(EngineLimits.openBuckets) * state.bucketNanoseconds)
    }

    /// Bucket by bucket, so that blocks that overlap come in the order of time.
    private mutating func learn(before end: Int64) {
        while let start = held.compactMap({ one in one.rows.first.map { one.batch.times[$0] } }).min(), start < end {
            let bucketEnd = min((state.bucketNumber(start) + 1) * state.bucketNanoseconds, end)
            for index in held.indices {
                let times = held[index].batch.times
                let ready = held[index].rows.prefix { times[$0] < bucketEnd }
                guard !ready.isEmpty else { continue }
                held[index].rows = held[index].rows.dropFirst(ready.count)
                state.observe(held[index].batch.selecting(Array(ready)), at: state.position)
            }
            held.removeAll { $0.rows.isEmpty }
        }
        _ = state.takeNews()
    }

    /// The baselines by the labels of their series, each with the buckets of one evaluation.
    var profiles: [SeriesLabel: (profile: FrozenProfile, stride: UInt8)] {
        var found: [SeriesLabel: (profile: FrozenProfile, stride: UInt8)] = [:]
        for series in state.liveNumbers {
            guard let profile = FrozenProfile(ofWindow: state.watched[series].detector) else { continue }
            found[state.label(series)] = (profile, state.slots[Int(state.watched[series].slot)].stride)
        }
        return found
    }
}
