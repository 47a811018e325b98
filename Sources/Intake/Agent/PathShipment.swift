import Bytes
import Logging
import Machine
import Records
import Synchronization

/// One path on its way to the server: reads, sends, hears acknowledgements, saves its place, and connects anew when the
/// connection breaks.
final class PathShipment: Sendable {
    private struct State {
        var window: ShipWindow
        var progress = ShipProgress()
        var isSourceAtEnd = false
        var isStopping = false
        /// Of the connection at hand.
        var isWelcome = false
        var isBroken = false
        /// When something was last heard while something was awaited, by the monotonic clock.
        var lastHeard: Int64 = 0
        var savedNumber: UInt64
        var lastSave: Int64 = 0
    }

    private let path: String
    private let agent: String
    private let configuration: Shipper.Configuration
    private let system: RealFileSystem
    private let clock: any MonotonicClock
    private let logger: Logger
    private let onRefusal: @Sendable (String, Reply.Refusal) -> Void
    private let state: Mutex<State>
    /// Touched on the worker only.
    private let source: Mutex<any LineSource>
    private let worker: Worker
    private let changed = AsyncSignal()
    /// The last number of the run before.
    private let startNumber: UInt64

    init(
        _ path: String, _ configuration: Shipper.Configuration, system: RealFileSystem, clock: any MonotonicClock,
        wallClock: any WallClock, logger: Logger, onRefusal: @escaping @Sendable (String, Reply.Refusal) -> Void
    ) throws {
        self.path = path
        self.configuration = configuration
        self.system = system
        self.clock = clock
        self.logger = logger
        self.onRefusal = onRefusal
        var saved: ShipState?
        if path != "-" {
            saved = try ShipState.load(path, in: configuration.stateDirectory, system)
            if saved == nil {
                // The name must last before its first record is sent, or a crash would bring the record under another
                // one.
                saved = ShipState(path: path, agent: Self.newName(configuration.name, path))
                try saved!.save(in: configuration.stateDirectory, system)
            }
        }
        agent = saved?.agent ?? Self.newName(configuration.name, "stdin")
        let number = saved?.number ?? 0
        startNumber = number
        state = Mutex(State(window: ShipWindow(acknowledged: number, place: saved?.place), savedNumber: number))
        let lines: any LineSource =
            path == "-"
            ? StandardInputLines()
            : FileFollower(path: path, place: saved?.place, stopsAtEnd: configuration.stopsAtEnd, system: system)
        source = Mutex(FormattedLines(lines, format: configuration.format, clock: wallClock))
        worker = Worker(name: "ship-read", capacity: 4)
    }

    private static func newName(_ name: String, _ path: String) -> String {
        let tag = String(systemEntropy(), radix: 16)
        return String(decoding: Array("\(name)-\(tag):\(lastComponent(of: path))".utf8.prefix(200)), as: UTF8.self)
    }

    var progress: ShipProgress {
        state.withLock { state in
            var progress = state.progress
            progress.acknowledgedRecords = Int(state.window.acknowledged - startNumber)
            progress.unacknowledgedBytes = state.window.unacknowledgedBytes
            return progress
        }
    }

    /// Stops reading; what was sent is still awaited for a moment.
    func stop() {
        state.withLock { $0.isStopping = true }
        changed.signal()
    }

    /// Ships to the end of the source, or until stopped.
    func run() async throws {
        var pauseMilliseconds = 100
        while true {
            do {
                try await converse()
                break
            } catch let error as FileError {
                throw error
            } catch {
                if state.withLock({ $0.isStopping }) || Task.isCancelled { break }
                logger.warning("\(path): \(error); connecting again in \(pauseMilliseconds) ms")
                if state.withLock({ $0.isWelcome }) { pauseMilliseconds = 100 }
                try? await Task.sleep(for: .milliseconds(pauseMilliseconds))
                pauseMilliseconds = min(pauseMilliseconds * 2, 10_000)
            }
        }
        try await save(force: true)
        // A thread that waits for standard input ends with the process.
        if path != "-" { worker.close() }
    }

    // MARK: One connection

    private enum Part { case sender, other }

    private func converse() async throws {
        let (first, again) = state.withLock { state in
            state.isWelcome = false
            state.isBroken = false
            state.lastHeard = clock.uptime()
            return (state.window.firstToSend, state.window.unacknowledged)
        }
        try await AgentLink.connect(host: configuration.host, port: configuration.port) { link in
            state.withLock { $0.progress.connections += 1 }
            var hello = configuration.hello
            hello.agent = agent
            hello.first = first
            try await link.send(hello.line)
            try await withThrowingTaskGroup(of: Part.self) { tasks in
                tasks.addTask {
                    try await self.listen(link)
                    return .other
                }
                tasks.addTask {
                    try await self.tick()
                    return .other
                }
                tasks.addTask {
                    try await self.send(link, again: again, from: first)
                    return .sender
                }
                while let part = try await tasks.next(), part != .sender {}
                tasks.cancelAll()
            }
        }
    }

    private func listen(_ link: AgentLink) async throws {
        defer {
            state.withLock { $0.isBroken = true }
            changed.signal()
        }
        try await link.forEachReply { reply in
            state.withLock { $0.lastHeard = clock.uptime() }
            switch reply {
            case .welcome(_, let last):
                state.withLock { state in
                    state.isWelcome = true
                    state.window.acknowledge(last)
                }
            case .acknowledgement(let number, let rejected, let examples):
                state.withLock { state in
                    state.window.acknowledge(number)
                    state.progress.refusedRecords += rejected
                }
                for refusal in examples { onRefusal(path, refusal) }
            case .failure(let reason): throw ShipError.refused(reason)
            }
            changed.signal()
            return true
        }
        if !Task.isCancelled { throw ShipError.closed }
    }

    /// Wakes the sender to look at its file, saves the place, and notices a server that is silent.
    private func tick() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(configuration.pollMilliseconds))
            try await save(force: false)
            let now = clock.uptime()
            let isSilent = state.withLock { state in
                if state.isWelcome && state.window.unacknowledged.isEmpty { state.lastHeard = now }
                return now - state.lastHeard > Int64(Limits.answerSeconds) * 1_000_000_000
            }
            if isSilent { throw ShipError.silent }
            changed.signal()
        }
    }

    /// Sends what is not acknowledged again, under the numbers that the hello announced, then what comes from the
    /// source.
    private func send(_ link: AgentLink, again: [ShipWindow.Sent], from first: UInt64) async throws {
        while !(try check({ $0.isWelcome })) { await changed.wait() }
        for sent in again { try await link.send(sent.chunk.bytes) }
        while true {
            let (isStopping, isFull) = try check { ($0.isStopping, $0.window.isFull) }
            if isStopping { break }
            if isFull {
                await changed.wait()
            } else if let chunk = try await nextChunk() {
                try await link.send(chunk.bytes)
            } else if try check({ $0.isSourceAtEnd }) {
                break
            } else {
                await changed.wait()
            }
        }
        let deadline = clock.uptime() + 5_000_000_000
        while try check({ !$0.window.unacknowledged.isEmpty }) {
            if try check({ $0.isStopping }) && clock.uptime() > deadline { break }
            await changed.wait()
        }
    }

    /// Looks at the state unless the connection has broken.
    private func check<Result>(_ body: (State) -> Result) throws -> Result {
        let (isBroken, result) = state.withLock { ($0.isBroken, body($0)) }
        if isBroken { throw ShipError.closed }
        return result
    }

    private struct Reading: Sendable {
        var chunk: Chunk?
        var isAtEnd: Bool
        var backlogBytes: Int
    }

    /// Reads on the worker and enters what was read into the window.
    private func nextChunk() async throws -> Chunk? {
        let answer = await worker.run { [self] () -> Result<Reading, any Error> in
            Result {
                try source.withLock { source in
                    let chunk = try source.next()
                    return Reading(chunk: chunk, isAtEnd: source.isAtEnd, backlogBytes: source.backlogBytes())
                }
            }
        }
        guard let reading = try answer?.get() else { return nil }
        state.withLock { state in
            state.isSourceAtEnd = reading.isAtEnd
            state.progress.backlogBytes = reading.backlogBytes
            guard let chunk = reading.chunk else { return }
            state.progress.refusedRecords += chunk.dropped
            if state.window.unacknowledged.isEmpty { state.lastHeard = clock.uptime() }
            state.window.append(chunk)
            state.progress.sentRecords += chunk.records
            state.progress.sentBytes += chunk.bytes.count
        }
        return reading.chunk
    }

    // MARK: Place

    /// Saves the place if it has moved: at most once a second unless forced.
    private func save(force: Bool) async throws {
        let now = clock.uptime()
        let due = state.withLock { state -> ShipState? in
            let (place, number) = state.window.durablePlace
            guard path != "-", number > state.savedNumber, force || now - state.lastSave >= 1_000_000_000 else {
                return nil
            }
            state.savedNumber = number
            state.lastSave = now
            return ShipState(path: path, agent: agent, number: number, place: place)
        }
        guard let due else { return }
        let directory = configuration.stateDirectory
        let system = system
        let answer = await worker.run { Result { try due.save(in: directory, system) } }
        try answer?.get()
    }
}
