import Machine
import Records

/// Hands committed batches to those who follow them, as they arrive: a record of last week that comes now is news, too.
/// Costs nothing while nobody follows.
public final class TailHub: BatchObserver {
    /// A batch and when it was committed, in nanoseconds of uptime.
    struct Arrival: Sendable {
        var batch: RecordBatch
        var time: Int64
    }

    private struct Follower {
        var tenant: Tenant
        var waiting: [Arrival] = []
        var rows = 0
        var dropped = 0
    }

    private struct State {
        var position: JournalPosition
        var followers: [Int: Follower] = [:]
        var next = 0
    }

    /// Rows that may wait for a follower who does not keep up. What comes then is left out, and counted.
    private static let waitingRows = 200_000
    private let state: Monitor<State>
    private let clock: any MonotonicClock

    /// `startingAt`: batches up to there are never asked for again.
    public init(startingAt position: JournalPosition, clock: any MonotonicClock) {
        state = Monitor(State(position: position))
        self.clock = clock
    }

    public var checkpointedPosition: JournalPosition { state.withLock { $0.position } }

    /// Nothing outlives the followers, so that there is nothing to save.
    public func checkpoint() -> JournalPosition { checkpointedPosition }

    public func observe(_ batch: RecordBatch, at position: JournalPosition) {
        let now = clock.uptime()
        state.update { state in
            state.position = max(state.position, position)
            for (id, follower) in state.followers where follower.tenant == batch.tenant {
                if follower.rows + batch.rowCount > Self.waitingRows {
                    state.followers[id]?.dropped += batch.rowCount
                } else {
                    state.followers[id]?.waiting.append(Arrival(batch: batch, time: now))
                    state.followers[id]?.rows += batch.rowCount
                }
            }
        }
    }

    /// How many follow.
    var followerCount: Int { state.withLock { $0.followers.count } }

    /// Begins to follow a tenant; the number is for `take` and `leave`.
    func follow(_ tenant: Tenant) -> Int {
        state.update { state in
            state.next += 1
            state.followers[state.next] = Follower(tenant: tenant)
            return state.next
        }
    }

    func leave(_ follower: Int) { state.update { $0.followers[follower] = nil } }

    /// What was committed until a moment (nanoseconds of uptime) and not yet taken, and how many rows had to be left
    /// out.
    func take(_ follower: Int, until moment: Int64) -> (arrivals: [Arrival], dropped: Int) {
        state.update { state in
            guard var entry = state.followers[follower] else { return ([], 0) }
            let count = entry.waiting.firstIndex { $0.time > moment } ?? entry.waiting.count
            let taken = Array(entry.waiting[..<count])
            let dropped = entry.dropped
            entry.waiting.removeFirst(count)
            entry.rows -= taken.reduce(0) { $0 + $1.batch.rowCount }
            entry.dropped = 0
            state.followers[follower] = entry
            return (taken, dropped)
        }
    }
}
