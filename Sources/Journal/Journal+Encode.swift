import Bytes
import Machine
import Records

extension Journal {
    /// The encoding thread.
    func encodeUntilClosed() {
        while true {
            let work = monitor.wait(on: JournalState.encoder) { state -> (batches: [PendingAppend], failures: Int)? in
                if state.isClosed && state.waiting.isEmpty { return ([], 0) }
                guard state.encodingPays else { return nil }
                state.isEncoding = true
                return (state.takeWaiting(), state.failures)
            }
            guard let work, !work.batches.isEmpty else { return }
            let entries = encodeTogether(work.batches)
            let answers = monitor.withLock { state -> Answers in
                state.isEncoding = false
                if state.failures != work.failures {
                    return state.fail(work.batches.map(\.waiter), .storage(state.failure ?? "the disk failed"))
                }
                state.ready += entries
                state.readyBytes += entries.reduce(0) { $0 + $1.block.count }
                return Answers()
            }
            monitor.wake(JournalState.committer)
            answers.give()
        }
    }

    /// One entry a tenant for its small batches, which share a block, and one for each large batch.
    func encodeTogether(_ pending: [PendingAppend]) -> [EncodedEntry] {
        var entries: [EncodedEntry] = []
        var joins: [BatchJoin] = []
        var shared: [Tenant: Int] = [:]
        for append in pending {
            // A batch that is worth a block of its own keeps what its parser found out about it.
            let isLarge = append.batch.rowCount >= Limits.rowsOfOwnBlock
            var index = isLarge ? nil : shared[append.batch.tenant]
            if let found = index, joins[found].isFull(with: append.batch) { index = nil }
            if let index {
                joins[index].append(append.batch)
                entries[index].waiters.append(append.waiter)
            } else {
                if !isLarge { shared[append.batch.tenant] = entries.count }
                entries.append(
                    EncodedEntry(
                        tenant: append.batch.tenant, rowCount: 0, rawBytes: 0, marks: [], block: [],
                        batch: nil, waiters: [append.waiter]))
                joins.append(BatchJoin(append.batch))
            }
        }
        for index in entries.indices {
            let batch = joins[index].joined()
            entries[index].batch = batch
            entries[index].rowCount = batch.rowCount
            entries[index].rawBytes = batch.valueBytes
            entries[index].marks = entries[index].waiters.compactMap(\.sent)
            if batch.rowCount > 0 { entries[index].block = encode(batch) }
            if batch.rowCount == 0 { entries[index].batch = nil }
        }
        return entries
    }
}

extension BatchJoin {
    /// Whether what is joined should get no further batch. Arenas that were cut from one read buffer are larger than
    /// their rows; together they must stay addressable.
    fileprivate func isFull(with batch: RecordBatch) -> Bool {
        let columns = max(columnCount, batch.columns.count)
        return arenaBytes + batch.arena.count > 1 << 30 || columnCount > Limits.columnsOfSharedBlock
            || (rowCount + batch.rowCount) * columns > Limits.cellsOfSharedBlock
    }
}
