import Bytes
import Journal
import Machine
import Records
import Segments

extension Store {
    /// How often the sealing thread looks at ages, and has retention looked at.
    private static let tickNanoseconds: Int64 = 500_000_000
    private static let retentionTicks = 60

    /// The sealing thread.
    func sealUntilClosed() {
        var ticks = 0
        while true {
            let isWanted = visible.monitor.wait(timeoutNanoseconds: Self.tickNanoseconds) { state -> Bool? in
                if state.isClosing { return false }
                return state.sealWanted > state.sealedThrough && state.sealingFailure == nil ? true : nil
            }
            if visible.monitor.withLock({ $0.isClosing }) { return }
            if isWanted == nil {
                ticks += 1
                visible.monitor.update { $0.sealingFailure = nil }
                wishToSealWhenOld()
                note { try joinSmallBlocks() }
                // The merging thread does it: a merge that is going on must not hold sealing up.
                if ticks % Self.retentionTicks == 0 { visible.monitor.update { $0.upkeepWanted += 1 } }
            }
            note { try sealNow() }
        }
    }

    /// A failure of background work is kept for the status; the work is tried again at the next tick.
    private func note(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            visible.monitor.update { $0.sealingFailure = "\(error)" }
        }
    }

    private func wishToSealWhenOld() {
        let oldest = visible.monitor.withLock { $0.oldestArrival }
        guard let oldest, clock.uptime() - oldest >= options.sealAgeNanoseconds else { return }
        journal.beginNewFile()
        visible.monitor.update { $0.wishToSeal() }
    }

    /// Seals everything that is visible now and trims the journal.
    func sealAll() throws {
        journal.beginNewFile()
        visible.monitor.update { $0.wishToSeal() }
        try sealNow()
    }

    /// Writes the rows that are wanted sealed into segments, a tenant's UTC day each, and swaps them in. A crash or an
    /// error at any step leaves the rows in the journal and the memory table.
    func sealNow() throws {
        try sealing.withLock { _ in try withoutDamagedBlocks { try seal() } }
    }

    private func seal() throws {
        let start = clock.uptime()
        let (through, marks, memory, deletions) = visible.monitor.withLock { state in
            let through = state.sealWanted
            return (
                through, state.marksToSeal,
                state.views.mapValues { view in view.memory.filter { $0.groups.upperBound <= through.group } },
                state.deletions
            )
        }
        guard through > keeper.state.sealedThrough else { return }
        let (blocks, hidden) = try shown(memory, deletions)
        let entries = try writeSegments(DaySplit(blocks, sharing: options.daySharing).parts)
        let handles = entries.map { SegmentHandle($0, blobs: blobs, damage: damage) }
        try keeper.change(adding: entries.map(\.blobName)) { state in
            state.segments += entries
            state.sealedThrough = through
            state.marks = marks
            state.sealedBytes += UInt64(entries.reduce(0) { $0 + $1.bytes })
            state.deletedRows += UInt64(hidden)
            state.addSealed(entries, judged: Set(deletions.compactMap(\.deletion)))
        } publish: { catalog in
            visible.monitor.update { state in
                state.finishSeal(through: through, segments: handles)
                state.hide(catalog.deletions)
                state.counters.seals += 1
                state.counters.sealNanoseconds += clock.uptime() - start
            }
        }
        if visible.feed.isEmpty { trimJournal() } else { visible.feed.wantCheckpoint() }
        FreeMemory.giveBack()
    }

    /// All of the parts as segments, or none: on a full disk this is tried again and again.
    private func writeSegments(_ parts: [DaySplit.Part]) throws -> [SegmentEntry] {
        var entries: [SegmentEntry] = []
        do {
            for part in parts {
                let entry = try writeSegment(tenant: part.tenant, level: 0) { sink in
                    try SegmentWriter(tenant: part.tenant).write(part.blocks, range: part.range, to: sink)
                }
                if let entry { entries.append(entry) }
            }
        } catch {
            for entry in entries { try? blobs.delete(entry.blobName) }
            throw error
        }
        return entries
    }

    /// The blocks without the rows that deletions hide, and how many those are.
    private func shown(
        _ memory: [Tenant: [MemoryBlock]], _ deletions: [HidingRule]
    ) throws -> (blocks: [Tenant: [any ColumnBlock]], hidden: Int) {
        var hidden = 0
        var blocks: [Tenant: [any ColumnBlock]] = [:]
        for (tenant, memory) in memory {
            let rules = deletions.filter { $0.concerns(tenant) }
            blocks[tenant] = try memory.compactMap { memory -> (any ColumnBlock)? in
                let kept = try rules.filter { $0.covers(memory) }.keptRows(of: memory.block)
                guard let kept else { return memory.block }
                hidden += kept.rowCount - kept.count
                return kept.count == 0 ? nil : KeptRows(memory.block, kept)
            }
        }
        return (blocks, hidden)
    }

    /// Stores what `write` writes as a segment and answers its line for the catalog; nil if there were no rows. The
    /// blob is whole and durable when this returns.
    func writeSegment(
        tenant: Tenant, level: Int, _ write: (_ sink: (RawSpan) throws -> Void) throws -> SegmentSummary?
    ) throws -> SegmentEntry? {
        let number = keeper.takeNumber()
        var summary: SegmentSummary?
        do {
            try blobs.put(SegmentEntry.blobName(number)) { sink in
                summary = try withoutActuallyEscaping(sink) { try write($0) }
                if summary == nil { throw NothingToWrite() }
            }
        } catch is NothingToWrite {
            return nil
        }
        return summary.map { summary in
            SegmentEntry(
                number: number, tenant: tenant, day: UTCDay.day(of: summary.timeRange.lowerBound),
                rows: summary.rowCount, bytes: summary.storedBytes,
                rawBytes: summary.rawBytes, timeRange: summary.timeRange, level: level)
        }
    }

    private struct NothingToWrite: Error {}

    /// Removes journal files that segments and observers' saved states cover.
    func trimJournal() {
        let sealed = visible.monitor.withLock { $0.sealedThrough }
        let needed = visible.feed.checkpointed.map { min($0, sealed) } ?? sealed
        // What cannot be removed now is tried again after the next seal.
        try? journal.removeFiles(through: needed)
    }
}
