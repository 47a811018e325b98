import Bytes
import Records
import Synchronization

/// The watching layer: follows committed batches, keeps a baseline for every series that they hold, and reports
/// findings.
///
/// One thread feeds it (`observe`, `checkpoint`); any thread may ask. Everything runs in event time: replaying history
/// trains it exactly as the same records would have live.
public final class DeviationEngine: BatchObserver {
    private let state: Mutex<EngineState>
    private let storage: (any StateStorage)?
    private let saved: Mutex<JournalPosition>
    private let loaded: LoadedState
    private let listener: Mutex<(@Sendable (Deviation) -> Void)?> = Mutex(nil)

    /// Loads the saved state where there is one; throws `CorruptionError` for one that cannot be read.
    public init(options: EngineOptions = EngineOptions(), storage: (any StateStorage)? = nil) throws {
        var start = EngineState(options: options)
        var loaded = LoadedState()
        if let bytes = try storage?.load() {
            start = try EngineState(saved: bytes, options: options)
            loaded.position = start.position
        }
        self.loaded = loaded
        saved = Mutex(start.position)
        state = Mutex(start)
        self.storage = storage
    }

    public var checkpointedPosition: JournalPosition { saved.withLock { $0 } }

    /// Called with every new finding and with every change of one, on the thread that feeds the engine; must not block
    /// it.
    public func onChange(_ call: (@Sendable (Deviation) -> Void)?) { listener.withLock { $0 = call } }

    /// Takes in a committed batch. A position that the loaded state covers, or before one already taken in, is ignored;
    /// several batches may share a position, since a commit group holds a batch for each tenant. O(cells).
    public func observe(_ batch: RecordBatch, at position: JournalPosition) {
        let news = state.withLock { state in
            if position >= state.position, !loaded.covers(position) { state.observe(batch, at: position) }
            return state.takeNews()
        }
        tell(news)
    }

    /// The time is at least `time` (nanoseconds since the epoch): closes buckets although no record came, so that
    /// silence is seen. Only for live use; a replay must not call it.
    public func advance(to time: Int64) {
        let news = state.withLock { state in
            state.advance(to: time)
            return state.takeNews()
        }
        tell(news)
    }

    /// For what concerns neither the feeding nor the listener.
    func withState<Result: Sendable>(_ body: (inout sending EngineState) -> sending Result) -> Result {
        state.withLock { body(&$0) }
    }

    private func tell(_ news: [Deviation]) {
        guard !news.isEmpty, let call = listener.withLock({ $0 }) else { return }
        for deviation in news { call(deviation) }
    }

    /// One at a time: an older state must not come to lie over a newer one.
    public func checkpoint() throws -> JournalPosition {
        guard let storage else { return state.withLock { $0.position } }
        return try saved.withLock { saved in
            let (bytes, position) = state.withLock { ($0.saved(), $0.position) }
            try storage.save(bytes)
            saved = position
            return position
        }
    }

    /// Findings that lasted into the time range (nanoseconds since the epoch, inclusive), the newest first.
    public func deviations(from start: Int64 = .min, to end: Int64 = .max) -> [Deviation] {
        state.withLock { state in
            state.findingOrder.reversed().compactMap { number in
                guard let finding = state.findings[number], finding.onset <= end, finding.lastSeen >= start else {
                    return nil
                }
                return state.deviation(finding)
            }
        }
    }

    /// The finding with that ID; nil for none.
    public func deviation(id: String) -> Deviation? {
        guard id.hasPrefix("d-"), let number = UInt64(id.dropFirst(2)) else { return nil }
        return state.withLock { state in state.findings[number].map(state.deviation) }
    }

    /// Whose records are watched.
    public var tenant: Tenant { state.withLock { $0.options.tenant } }

    /// Series at most.
    public var seriesLimit: Int { state.withLock { $0.options.maximumSeries } }

    public var counters: EngineCounters { state.withLock { $0.counters } }

    /// Every watched series with its latest points, for charts: observed and expected range, oldest first. O(series) to
    /// find it.
    public func points(of label: SeriesLabel) -> [Deviation.Point] {
        state.withLock { state in
            guard let series = state.liveNumbers.first(where: { state.label($0) == label }) else { return [] }
            return state.steps(series).map { state.point($0, series: series) }
        }
    }

    /// The labels of all watched series.
    public var series: [SeriesLabel] { state.withLock { state in state.liveNumbers.map(state.label) } }

    /// Marks a finding as useful or as noise: its series then report a little sooner, or later, within bounds (a factor
    /// of e⁴ in the days between false alarms). Answers whether there is such a finding. Durable with the next
    /// `checkpoint`.
    public func feedback(id: String, isUseful: Bool) -> Bool {
        guard id.hasPrefix("d-"), let number = UInt64(id.dropFirst(2)) else { return false }
        return state.withLock { state in
            guard let finding = state.findings[number] else { return false }
            state.findings[number]?.feedback = isUseful ? .useful : .noise
            state.findings[number]?.revision += 1
            for member in finding.members {
                let series = Int(member.series)
                let patience = state.watched[series].patience + (isUseful ? -1 : 2)
                state.watched[series].patience = min(max(patience, -4), 4)
            }
            return true
        }
    }
}

extension EngineState {
    mutating func takeNews() -> [Deviation] {
        guard !changed.isEmpty else { return [] }
        defer { changed.removeAll(keepingCapacity: true) }
        return changed.compactMap { findings[$0].map(deviation) }
    }

    mutating func advance(to time: Int64) {
        guard newest != .min else { return }
        let bucket = bucketNumber(time)
        guard bucket > newest else { return }
        newest = bucket
        close(before: newest - Int64(EngineLimits.openBuckets) + 1)
        if open.isEmpty {
            var first = spare.popLast() ?? OpenBucket(number: bucket)
            first.reuse(number: newest - Int64(EngineLimits.openBuckets) + 1)
            open.append(first)
        }
    }
}

/// What the state that was loaded at the start had taken in.
private struct LoadedState: Sendable {
    var position: JournalPosition?

    func covers(_ other: JournalPosition) -> Bool { position.map { other <= $0 } ?? false }
}
