import Bytes
import Machine
import Records
import Segments

extension Store {
    /// The merging thread: merges, writes segments anew without rows that are hidden, and removes expired ones.
    func mergeUntilClosed() {
        prepareSegments()
        while true {
            let (seals, upkeep) = visible.monitor.withLock { ($0.counters.seals, $0.upkeepWanted) }
            var failure: String?
            do {
                try enforceRetention()
                while !visible.monitor.withLock({ $0.isClosing }), try mergeOnce() {}
            } catch {
                failure = "\(error)"
            }
            visible.monitor.withLock { $0.mergingFailure = failure }
            let goesOn = visible.monitor.wait { state -> Bool? in
                if state.isClosing { return false }
                return state.counters.seals != seals || state.upkeepWanted != upkeep ? true : nil
            }
            if goesOn != true { return }
        }
    }

    /// Opens the segments that were there at the start, so that damage is reported soon and no query waits for it.
    private func prepareSegments() {
        for handle in visible.monitor.withLock({ $0.views.values.flatMap(\.segments) }) {
            if visible.monitor.withLock({ $0.isClosing }) { return }
            handle.prepare()
        }
    }

    /// Does the most pressing merge, or else writes a segment anew that holds hidden rows; false if there is neither.
    public func mergeOnce() throws -> Bool {
        try merging.withLock { _ in
            let plan = MergePlan.next(
                mergeable(), fanIn: options.mergeFanIn, maximumBytes: options.maximumSegmentBytes,
                sharing: options.daySharing)
            let isMerged = try plan.map { try merge($0, bytesPerSecond: options.mergeBytesPerSecond) }
            return try isMerged ?? rewriteOnce(bytesPerSecond: options.mergeBytesPerSecond)
        }
    }

    /// Merges each tenant's day into one segment, or as few as the bound on a segment's bytes allows, without any
    /// hidden row.
    func mergeAll() throws {
        try merging.withLock { _ in
            while try rewriteOnce(bytesPerSecond: Int.max) {}
            for plan in MergePlan.all(
                mergeable(), maximumBytes: options.maximumSegmentBytes, sharing: options.daySharing)
            {
                _ = try merge(plan, bytesPerSecond: Int.max)
            }
        }
    }

    /// Segments that are whole and hold no hidden rows: those with some are written anew first.
    private func mergeable() -> [SegmentEntry] {
        let state = keeper.state
        let hiding = state.deletions.reduce(into: Set<UInt64>()) { $0.formUnion($1.segments) }
        return state.segments.filter { !hiding.contains($0.number) && !isDamaged($0.number) }
    }

    func isDamaged(_ number: UInt64) -> Bool {
        !(handle(number)?.isWhole ?? false)
    }

    func handle(_ number: UInt64) -> SegmentHandle? {
        visible.monitor.withLock { state in
            for view in state.views.values {
                if let found = view.segments.first(where: { $0.entry.number == number }) { return found }
            }
            return nil
        }
    }

    /// Writes the merged segment, swaps it in and retires its inputs. A damaged block met on the way is quarantined.
    private func merge(_ plan: MergePlan, bytesPerSecond: Int) throws -> Bool {
        let start = clock.uptime()
        let handles = plan.inputs.compactMap { handle($0.number) }
        var readers: [SegmentReader] = []
        for handle in handles {
            // A damaged one is kept as it is, for whoever wants to repair it; the next plan does without it.
            guard let segment = handle.readable(), segment.isWhole else { return true }
            readers.append(segment.reader)
        }
        let pace = MergePace(bytesPerSecond: bytesPerSecond)
        let first = plan.inputs[0]
        let merged: SegmentEntry?
        do {
            merged = try writeSegment(tenant: first.tenant, level: plan.level) { sink in
                try SegmentWriter(tenant: first.tenant).merge(readers) { span in
                    if visible.monitor.withLock({ $0.isClosing }) { throw StoreError.closed }
                    try sink(span)
                    pace.wrote(span.byteCount)
                }
            }
        } catch let error as CorruptionError {
            quarantine(error)
            return true
        }
        guard let entry = merged else { return true }
        let gone = Set(plan.inputs.map(\.number))
        try keeper.change(adding: [entry.blobName]) { state in
            state.segments.removeAll { gone.contains($0.number) }
            state.segments.append(entry)
            state.mergedBytes += UInt64(entry.bytes)
            // Accepted while the rows were copied.
            state.moveDeletions(from: gone, to: [entry])
        } publish: { state in
            let handle = SegmentHandle(entry, blobs: blobs, damage: damage)
            retire(gone, replacedBy: [handle], deletions: state.deletions)
            visible.monitor.update { state in
                state.counters.merges += 1
                state.counters.mergeNanoseconds += clock.uptime() - start
                state.mergingFailure = nil
            }
        }
        FreeMemory.giveBack()
        return true
    }
}

/// Keeps a merge to its bandwidth by sleeping off what it is ahead.
final class MergePace {
    private let bytesPerSecond: Int
    private let start = SystemClock().uptime()
    private var bytes = 0

    init(bytesPerSecond: Int) { self.bytesPerSecond = bytesPerSecond }

    func wrote(_ count: Int) {
        bytes += count
        let due = Int64(Double(bytes) / Double(bytesPerSecond) * 1e9)
        let ahead = due - (SystemClock().uptime() - start)
        if ahead > 1_000_000 { MachineThread.sleep(nanoseconds: min(ahead, 1_000_000_000)) }
    }
}
