import Bytes
import Records
import Synchronization

/// A sink in memory: keeps rows and marks as the store does, and can be told to be slow, busy or broken.
final class ScriptedSink: RecordSink {
    private struct State {
        var rows: [[String: String]] = []
        var marks: [String: UInt64] = [:]
        var appends = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var failures: [SinkError] = []
        var failuresAfterStoring = 0
        var outOfOrder = 0
    }

    private let state = Mutex(State())

    var rows: [[String: String]] { state.withLock { $0.rows } }
    var rowCount: Int { state.withLock { $0.rows.count } }
    var appends: Int { state.withLock { $0.appends } }
    /// Batches whose mark did not rise.
    var outOfOrder: Int { state.withLock { $0.outOfOrder } }

    /// The values of one field, in the order of storing.
    func values(_ field: String) -> [String] { rows.map { $0[field] ?? "" } }

    /// Appends wait until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// The next appends fail like this, one after the other.
    func fail(_ errors: [SinkError]) { state.withLock { $0.failures = errors } }

    /// The next appends store their rows and fail then: the peer does not hear that they are stored.
    func failAfterStoring(_ count: Int) { state.withLock { $0.failuresAfterStoring = count } }

    func append(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> JournalPosition {
        await withCheckedContinuation { continuation in
            let mayPass = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return !state.isHeld
            }
            if mayPass { continuation.resume() }
        }
        let failure = state.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { throw failure }
        let (position, isHeard) = state.withLock { state in
            state.appends += 1
            if let mark {
                let agent = batch.tenant.numbering(of: mark.agent)
                if mark.lastSequence <= state.marks[agent] ?? 0 { state.outOfOrder += 1 }
                state.marks[agent] = mark.lastSequence
            }
            for row in 0..<batch.rowCount {
                var fields: [String: String] = [:]
                for (index, column) in batch.columns.enumerated() {
                    let value = ByteString(batch.value(row: row, column: index)).string
                    if !value.isEmpty { fields[column.name.string] = value }
                }
                state.rows.append(fields)
            }
            let isHeard = state.failuresAfterStoring == 0
            if !isHeard { state.failuresAfterStoring -= 1 }
            return (JournalPosition(group: UInt64(state.appends)), isHeard)
        }
        if !isHeard { throw .closed }
        return position
    }

    /// Claims to have left out all rows that have the field `old`.
    func appendCounting(_ batch: RecordBatch, mark: SourceMark?) async throws(SinkError) -> Appended {
        let position = try await append(batch, mark: mark)
        let old = batch.columnIndex("old")
        let expired = old.map { old in (0..<batch.rowCount).count { batch.value(row: $0, column: old).byteCount > 0 } }
        return Appended(position: position, expiredRows: expired ?? 0)
    }

    func lastSequence(of agent: String) async -> UInt64 { await lastSequence(of: agent, tenant: .main) }

    func lastSequence(of agent: String, tenant: Tenant) async -> UInt64 {
        state.withLock { $0.marks[tenant.numbering(of: agent)] ?? 0 }
    }
}
