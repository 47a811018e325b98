import Bytes
import Machine
import Records
import Segments

extension Store {
    /// What was found out about a segment: which rules had to look at it, and the rows that stay of the blocks that
    /// lose some.
    private struct Judgement {
        var entry: SegmentEntry
        var rules: [HidingRule]
        /// By the block's offset.
        var kept: [Int: RowPresence] = [:]

        var deletions: Set<UInt64> { Set(rules.compactMap(\.deletion)) }
    }

    /// Writes one segment anew without its hidden rows. Segments that turn out to have none are crossed off the lists
    /// of those who hide rows, all in one step. False if nothing was left to be written. Holds `merging`.
    ///
    /// A segment that is damaged is left as it is, for whoever wants to repair it; what it holds stays hidden.
    func rewriteOnce(bytesPerSecond: Int) throws -> Bool {
        let rules = visible.monitor.withLock { $0.deletions } + expiryRules
        if rules.isEmpty { return false }
        var clean: [Judgement] = []
        for entry in keeper.state.segments {
            if visible.monitor.withLock({ $0.isClosing }) { break }
            let due = rules.filter { $0.isDue(entry) }
            guard !due.isEmpty, let handle = handle(entry.number), let segment = handle.readable(), segment.isWhole
            else { continue }
            var judgement = Judgement(entry: entry, rules: due)
            do {
                for block in segment.blocks {
                    judgement.kept[block.range.lowerBound] = try due.keptRows(of: block)
                }
                guard !judgement.kept.isEmpty else {
                    clean.append(judgement)
                    continue
                }
                try crossOff(clean)
                try rewrite(judgement, segment.reader, bytesPerSecond: bytesPerSecond)
                return true
            } catch let error as CorruptionError {
                quarantine(error)
            }
        }
        try crossOff(clean)
        return false
    }

    private func crossOff(_ clean: [Judgement]) throws {
        for judgement in clean {
            for rule in judgement.rules where rule.deletion == nil {
                rule.selection.noteWithout(judgement.entry.number)
            }
        }
        let judged = clean.filter { !$0.deletions.isEmpty }
        if judged.isEmpty { return }
        try keeper.change { state in
            for judgement in judged {
                for index in state.deletions.indices
                where judgement.deletions.contains(state.deletions[index].number) {
                    state.deletions[index].segments.remove(judgement.entry.number)
                }
            }
        } publish: { state in
            visible.monitor.update { $0.hide(state.deletions) }
        }
    }

    private func rewrite(_ judgement: Judgement, _ reader: SegmentReader, bytesPerSecond: Int) throws {
        let start = clock.uptime()
        let pace = MergePace(bytesPerSecond: bytesPerSecond)
        let old = judgement.entry
        let entry = try writeSegment(tenant: old.tenant, level: old.level) { sink in
            try SegmentWriter(tenant: old.tenant).rewrite(reader, keeping: judgement.kept) { span in
                if visible.monitor.withLock({ $0.isClosing }) { throw StoreError.closed }
                try sink(span)
                pace.wrote(span.byteCount)
            }
        }
        let entries = entry.map { [$0] } ?? []
        let gone = old.rows - (entry?.rows ?? 0)
        try keeper.change(adding: entries.map(\.blobName)) { state in
            state.segments.removeAll { $0.number == old.number }
            state.segments += entries
            state.mergedBytes += UInt64(entry?.bytes ?? 0)
            if judgement.deletions.isEmpty {
                state.expiredRows += UInt64(gone)
            } else {
                state.deletedRows += UInt64(gone)
            }
            state.moveDeletions(from: [old.number], to: entries, judged: judgement.deletions)
        } publish: { state in
            let handles = entries.map { SegmentHandle($0, blobs: blobs, damage: damage) }
            retire([old.number], replacedBy: handles, deletions: state.deletions)
            visible.monitor.update { state in
                state.counters.merges += 1
                state.counters.mergeNanoseconds += clock.uptime() - start
                state.mergingFailure = nil
            }
        }
        FreeMemory.giveBack()
    }
}
