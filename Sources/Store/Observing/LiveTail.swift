import Machine
import Records

/// What a live tail is told.
public enum TailEvent: Sendable {
    /// Rows that have just become visible, of any tenant; columns as they came.
    case rows(RecordBatch)
    /// So many batches were left out because the reader was too slow.
    case skipped(batches: Int)
}

/// Hands committed batches to whoever follows along at the moment. A slow follower loses batches and is told so; it
/// never slows the commit thread down.
final class LiveTail: Sendable {
    private struct Follower: Sendable {
        var continuation: AsyncStream<TailEvent>.Continuation
        var skipped = 0
    }

    private struct State: Sendable {
        var followers: [Int: Follower] = [:]
        var nextID = 0
        var isClosed = false
    }

    private let state = Monitor(State())

    func follow(bufferedBatches: Int) -> AsyncStream<TailEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: TailEvent.self, bufferingPolicy: .bufferingOldest(bufferedBatches))
        let id = state.withLock { state -> Int? in
            if state.isClosed { return nil }
            state.nextID += 1
            state.followers[state.nextID] = Follower(continuation: continuation)
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.followers.removeValue(forKey: id) }
        }
        return stream
    }

    func send(_ batch: RecordBatch) {
        state.withLock { state in
            for id in state.followers.keys { Self.send(batch, to: &state.followers[id]!) }
        }
    }

    private static func send(_ batch: RecordBatch, to follower: inout Follower) {
        if follower.skipped > 0 {
            guard case .enqueued = follower.continuation.yield(.skipped(batches: follower.skipped)) else {
                follower.skipped += 1
                return
            }
            follower.skipped = 0
        }
        if case .dropped = follower.continuation.yield(.rows(batch)) { follower.skipped += 1 }
    }

    func close() {
        let followers = state.withLock { state -> [Follower] in
            state.isClosed = true
            return Array(state.followers.values)
        }
        // Outside the lock: finishing calls back.
        for follower in followers { follower.continuation.finish() }
    }
}
