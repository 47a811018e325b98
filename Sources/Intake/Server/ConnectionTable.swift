import NIOCore
import Records
import Synchronization

/// A connection as others see it: they can ask it to end and wait until it has.
final class ConnectionHandle: Sendable {
    let channel: any Channel
    /// Open once nothing of the connection will reach the sink any more.
    let ended = AsyncLatch()
    private let stopping = Atomic<Bool>(false)

    init(_ channel: any Channel) { self.channel = channel }

    var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }

    /// Ends the input, as if the peer had said that there is no more; what was read is still stored and acknowledged. A
    /// peer that does not take its acknowledgements loses the connection after some seconds.
    func stop() {
        guard !stopping.exchange(true, ordering: .sequentiallyConsistent) else { return }
        let channel = channel
        channel.close(mode: .input, promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
    }

    /// Ends the connection at once.
    func abort() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        channel.close(promise: nil)
    }
}

/// The open connections, and which agent speaks on which.
final class ConnectionTable: Sendable {
    private struct State {
        var open: [ObjectIdentifier: ConnectionHandle] = [:]
        var agents: [String: ConnectionHandle] = [:]
        var isStopping = false
    }

    private let state = Mutex(State())

    /// Adds a connection; false if there are too many, or none are wanted any more.
    func add(_ connection: ConnectionHandle) -> Bool {
        state.withLock { state in
            guard !state.isStopping, state.open.count < Limits.connections else { return false }
            state.open[ObjectIdentifier(connection)] = connection
            return true
        }
    }

    func remove(_ connection: ConnectionHandle) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            for (agent, holder) in state.agents where holder === connection { state.agents[agent] = nil }
        }
    }

    /// Gives an agent's name to a connection, and answers the connection that had it: the newer one wins, because the
    /// older one may be a dead peer that TCP has not noticed yet.
    func claim(_ agent: String, _ connection: ConnectionHandle) -> ConnectionHandle? {
        state.withLock { state in
            let before = state.agents.updateValue(connection, forKey: agent)
            return before === connection ? nil : before
        }
    }

    /// Lets no more in and ends the input of all.
    func stopAll() {
        let open = state.withLock { state in
            state.isStopping = true
            return Array(state.open.values)
        }
        for connection in open { connection.stop() }
    }
}
