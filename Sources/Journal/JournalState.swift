import Records

/// What the journal's threads and its callers share, under one lock.
struct JournalState: Sendable {
    // The conditions to wait on: the encoding thread's, the commit thread's, and everyone else's.
    static let encoder = 0
    static let committer = 1
    static let others = 2

    var marks: MarkTable
    /// To be encoded, in order of arrival.
    var waiting: [PendingAppend] = []
    var waitingRows = 0
    /// To be written, in the same order.
    var ready: [EncodedEntry] = []
    var readyBytes = 0
    /// Bytes of the batches that were admitted and are not answered yet.
    var unansweredBytes = 0
    var unanswered = 0
    var isEncoding = false
    var isClosed = false
    /// Set while the disk refuses; nothing is admitted then.
    var failure: String?
    /// Uptime in nanoseconds at which it was set.
    var failingSince: Int64 = 0
    /// Raised at each failure: what was encoded before belongs to the failed.
    var failures = 0
    var wantsNewFile = false
    /// The commit thread has ended.
    var isFinished = false
    /// Whether the last of `ranges` still gets frames.
    var hasOpenFile = false
    /// Numbers of files that were removed; the writer's own list may still name them.
    var removed: Set<UInt64> = []
    var lastGroup: JournalPosition
    var ranges: [JournalWriter.FileRange]
    var counters = Counters()
    /// Agents that asked for their mark while batches of theirs were on their way.
    var askers: [(agent: String, continuation: CheckedContinuation<UInt64, Never>)] = []

    struct Counters: Sendable {
        var groups = 0
        var rows = 0
        var writtenBytes = 0
        var diskErrors = 0
        var syncNanoseconds: Int64 = 0
        var longestSyncNanoseconds: Int64 = 0
    }

    /// Whether what waits is worth a block of its own while the disk is busy. Less than that is encoded by the commit
    /// thread when the disk is free: handing it from thread to thread would cost more than the work.
    var encodingPays: Bool {
        waitingRows >= Limits.eagerEncodingRows && readyBytes < Limits.journalGroupBytes
    }

    /// Whether the commit thread should encode what waits: only when nothing that came earlier is elsewhere.
    var encodingIsDue: Bool { !waiting.isEmpty && !isEncoding && !encodingPays }

    var isDrained: Bool { waiting.isEmpty && !isEncoding && ready.isEmpty }

    /// Batches for one round of encoding: at least one, and no more rows than a batch may have beyond the first.
    mutating func takeWaiting() -> [PendingAppend] {
        var count = 0
        var rows = 0
        var bytes = 0
        for pending in waiting {
            rows += pending.batch.rowCount
            bytes += pending.batch.arena.count
            if count > 0 && (rows > Limits.rowsPerBatch || bytes > Limits.bytesPerBatch) { break }
            count += 1
        }
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        waitingRows -= taken.reduce(0) { $0 + $1.batch.rowCount }
        return taken
    }

    /// Entries for one commit group.
    mutating func takeReady() -> [EncodedEntry] {
        var count = 0
        var bytes = 0
        for entry in ready {
            if count > 0 && bytes + entry.block.count > Limits.journalGroupBytes { break }
            bytes += entry.block.count
            count += 1
        }
        let taken = Array(ready.prefix(count))
        ready.removeFirst(count)
        readyBytes -= bytes
        return taken
    }
}

/// Those who wait, with their answers, which are given after the lock is given back.
struct Answers {
    var appends: [(@Sendable (Waiter.Answer) -> Void, Waiter.Answer)] = []
    var askers: [(CheckedContinuation<UInt64, Never>, UInt64)] = []

    func give() {
        for (completion, answer) in appends { completion(answer) }
        for (continuation, sequence) in askers { continuation.resume(returning: sequence) }
    }
}

extension JournalState {
    /// Every waiter of a stored group learns its position.
    mutating func succeed(_ waiters: [Waiter], at position: JournalPosition) -> Answers {
        for waiter in waiters { if let mark = waiter.mark { marks.settle(stored: mark) } }
        return answer(waiters, .success(position))
    }

    mutating func fail(_ waiters: [Waiter], _ error: SinkError) -> Answers {
        for waiter in waiters { if let mark = waiter.mark { marks.settle(failed: mark) } }
        return answer(waiters, .failure(error))
    }

    private mutating func answer(_ waiters: [Waiter], _ answer: Waiter.Answer) -> Answers {
        var answers = Answers()
        for waiter in waiters {
            unansweredBytes -= waiter.bytes
            unanswered -= 1
            answers.appends.append((waiter.completion, answer))
        }
        for asker in askers where !marks.isInFlight(asker.agent) {
            answers.askers.append((asker.continuation, marks.durable(asker.agent)))
        }
        askers.removeAll { !marks.isInFlight($0.agent) }
        return answers
    }

    /// Fails all that is on its way but what the encoder holds, which fails when it comes back.
    mutating func failEverything(_ committing: [Waiter], _ reason: String) -> Answers {
        failure = reason
        failures += 1
        counters.diskErrors += 1
        let waiters = committing + ready.flatMap(\.waiters) + waiting.map(\.waiter)
        ready = []
        readyBytes = 0
        waiting = []
        waitingRows = 0
        return fail(waiters, .storage(reason))
    }
}
