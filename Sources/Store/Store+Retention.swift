import Records

extension Store {
    /// Rows of a batch that come from more than this ahead of the clock are counted: some machine's clock is wrong.
    private static let futureNanoseconds = Timestamp.nanosecondsPerDay

    /// Times before this are older than retention.
    var horizon: Int64? {
        options.retentionNanoseconds.map { retention in
            let (horizon, overflow) = clock.now().subtractingReportingOverflow(retention)
            return overflow ? Int64.min : horizon
        }
    }

    /// The batch without rows that are older than retention; how many those were, and how many rows come from more than
    /// a day ahead of the clock. O(rows), and the filters of `streamRetention` where a row is old enough for them.
    func withinRetention(_ batch: RecordBatch) -> (batch: RecordBatch, late: Int, ahead: Int) {
        let future = clock.now().addingReportingOverflow(Self.futureNanoseconds).partialValue
        let ahead = batch.times.count { $0 > future }
        let horizon = horizon ?? Int64.min
        var isLate = { (row: Int) in batch.times[row] < horizon }
        var late = batch.times.count { $0 < horizon }
        if let words = expired(batch) {
            isLate = { row in batch.times[row] < horizon || words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
            late = batch.times.indices.count(where: isLate)
        }
        if late == 0 { return (batch, 0, ahead) }
        return (batch.selecting(batch.times.indices.filter { !isLate($0) }), late, ahead)
    }

    /// A bit for each row that is older than `streamRetention` allows; nil if no row can be.
    private func expired(_ batch: RecordBatch) -> [UInt64]? {
        guard !expiries.isEmpty, let first = batch.times.min() else { return nil }
        var expired: [UInt64]?
        for rule in expiryRules {
            guard case .expired(let limit) = rule.scope, first < limit,
                let words = try? rule.selection.selector.selectedRows(of: BatchBlock(batch))
            else { continue }
            var all = expired ?? [UInt64](repeating: 0, count: words.count)
            for row in batch.times.indices where batch.times[row] < limit {
                all[row >> 6] |= words[row >> 6] & 1 << UInt64(row & 63)
            }
            expired = all
        }
        return expired
    }

    func count(late: Int, ahead: Int) {
        if late == 0 && ahead == 0 { return }
        visible.monitor.withLock { state in
            state.counters.futureRows += ahead
            state.counters.lateRows += late
        }
    }

    /// Removes segments that are wholly older than retention, then the oldest segments until the rest fits the bound on
    /// bytes; the newest stays however large it is. O(segments log segments).
    public func enforceRetention() throws {
        var gone = Set<UInt64>()
        let segments = keeper.state.segments
        if let horizon {
            for segment in segments where segment.timeRange.upperBound < horizon { gone.insert(segment.number) }
        }
        if let maximum = options.maximumBytes {
            let rest = segments.filter { !gone.contains($0.number) }.sorted(by: Self.isOlder)
            var total = rest.reduce(0) { $0 + $1.bytes }
            for segment in rest.dropLast() where total > maximum {
                total -= segment.bytes
                gone.insert(segment.number)
            }
        }
        guard !gone.isEmpty else { return }
        let removed = gone
        try merging.withLock { _ in
            try keeper.change { state in
                state.moveDeletions(from: removed, to: [])
                let expired = state.segments.filter { removed.contains($0.number) }
                state.expiredRows += UInt64(expired.reduce(0) { $0 + $1.rows })
                state.segments.removeAll { removed.contains($0.number) }
            } publish: { state in
                retire(removed, replacedBy: [], deletions: state.deletions)
            }
        }
    }

    /// By the latest row; of two that end together the one written first goes first.
    private static func isOlder(_ left: SegmentEntry, _ right: SegmentEntry) -> Bool {
        (left.timeRange.upperBound, left.number) < (right.timeRange.upperBound, right.number)
    }

    /// Queries from now on see `handles` instead, under these deletions; files go when the last query that sees them is
    /// done.
    func retire(_ numbers: Set<UInt64>, replacedBy handles: [SegmentHandle], deletions: [Deletion]) {
        let gone = visible.monitor.update { state -> [SegmentHandle] in
            let gone = state.views.values.flatMap(\.segments).filter { numbers.contains($0.entry.number) }
            state.replaceSegments(numbers, with: handles)
            state.hide(deletions)
            return gone
        }
        for handle in gone { handle.retire() }
    }
}
