import Bytes
import Machine
import Records

/// Hands every committed group to the observers, in order, from one thread of its own.
///
/// The queue is bounded by bytes: whoever commits waits when the observers fall behind. At the start it replays what
/// each observer's saved state does not cover yet.
final class ObserverFeed: Sendable {
    /// A group as the observers get it: batches, or blocks from a replay that are decoded only here.
    struct Item: Sendable {
        var position: JournalPosition
        var bytes: Int
        var batches: @Sendable () throws -> [RecordBatch]
    }

    private struct State: Sendable {
        var items: [Item] = []
        var bytes = 0
        var checkpointsWanted = 0
        var checkpointsDone = 0
        var isClosed = false
        var failure: String?
    }

    /// Less than this at a time is followed by a rest.
    private static let smallBytes = 1 << 20
    private static let restNanoseconds: Int64 = 4_000_000

    private let observers: [any BatchObserver]
    /// Where each observer's saved state ended when the feed began; what comes after is observed once, in order.
    private let starts: [JournalPosition]
    private let monitor: Monitor<State>
    private let thread: Monitor<MachineThread?>
    private let damage: DamageLog
    private let queueBytes: Int

    /// `replay`: the groups since the lowest saved state. Rows that cannot be read back go to `damage`.
    init(
        _ observers: [any BatchObserver], replay: [Item], damage: DamageLog, queueBytes: Int = Limits.observerQueueBytes
    ) {
        self.queueBytes = queueBytes
        self.observers = observers
        starts = observers.map(\.checkpointedPosition)
        self.damage = damage
        monitor = Monitor(State(items: replay, bytes: replay.reduce(0) { $0 + $1.bytes }))
        thread = Monitor(nil)
    }

    /// `afterCheckpoint` runs on the feed's thread when the observers have saved their state.
    func start(afterCheckpoint: @escaping @Sendable () -> Void) {
        guard !observers.isEmpty else { return }
        let started = MachineThread(name: "observers") { [self] in work(afterCheckpoint) }
        thread.update { $0 = started }
    }

    var isEmpty: Bool { observers.isEmpty }

    /// The position up to which every observer's durable state reaches; nothing before it is needed any more.
    var checkpointed: JournalPosition? { observers.map(\.checkpointedPosition).min() }

    /// Groups and bytes that wait, and why the last checkpoint failed.
    var backlog: (items: Int, bytes: Int, failure: String?) {
        monitor.withLock { ($0.items.count, $0.bytes, $0.failure) }
    }

    /// Queues a group; waits while the queue is full.
    func add(_ item: Item) {
        guard !observers.isEmpty else { return }
        _ = monitor.wait { state -> Bool? in
            if state.isClosed { return false }
            guard state.bytes == 0 || state.bytes + item.bytes <= queueBytes else { return nil }
            state.items.append(item)
            state.bytes += item.bytes
            return true
        }
        monitor.wake()
    }

    /// Asks for a checkpoint once what waits has been observed. Does not wait.
    func wantCheckpoint() { monitor.update { $0.checkpointsWanted += 1 } }

    /// Waits until everything queued so far is observed and a checkpoint has been tried after it.
    func checkpointAndWait() {
        guard !observers.isEmpty else { return }
        let wanted = monitor.update { state -> Int in
            state.checkpointsWanted += 1
            return state.checkpointsWanted
        }
        _ = monitor.wait { state in state.checkpointsDone >= wanted || state.isClosed ? true : nil }
    }

    /// Observes what waits, saves the observers' state, and ends the thread.
    func close() {
        monitor.update { $0.isClosed = true }
        let running = thread.update { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private enum Work {
        case observe([Item])
        case checkpoint(Int)
        case end
    }

    private func work(_ afterCheckpoint: () -> Void) {
        while true {
            let next = monitor.wait { state -> Work? in
                if !state.items.isEmpty {
                    defer { state.items = [] }
                    return .observe(state.items)
                }
                if state.checkpointsWanted > state.checkpointsDone { return .checkpoint(state.checkpointsWanted) }
                return state.isClosed ? .end : nil
            }
            switch next! {
            case .observe(let items):
                for item in items { observe(item) }
                // Waking this thread costs more than observing a few rows: let some more groups come meanwhile.
                if items.reduce(0, { $0 + $1.bytes }) < Self.smallBytes {
                    MachineThread.sleep(nanoseconds: Self.restNanoseconds)
                }
            case .checkpoint(let number):
                checkpoint()
                afterCheckpoint()
                monitor.update { $0.checkpointsDone = number }
            case .end:
                checkpoint()
                afterCheckpoint()
                return
            }
        }
    }

    private func observe(_ item: Item) {
        do {
            for batch in try item.batches() {
                for (observer, start) in zip(observers, starts) where start < item.position {
                    observer.observe(batch, at: item.position)
                }
            }
        } catch {
            damage.report(error)
        }
        monitor.update { $0.bytes -= item.bytes }
    }

    private func checkpoint() {
        var failure: String?
        for observer in observers {
            do { _ = try observer.checkpoint() } catch { failure = "checkpoint: \(error)" }
        }
        monitor.update { $0.failure = failure }
    }
}
