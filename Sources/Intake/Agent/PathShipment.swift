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
        /// What the server had when this connection began.
        var welcomed: UInt64 = 0
        /// Whether the window's numbers are known to go on from the server's.
        var isNumbered: Bool
        /// When something was last heard while something was awaited, by the monotonic clock.
        var lastHeard: Int64 = 0
        var savedLegs: [ShipLeg]
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
    /// Touched on the worker only; nil until the server has said where to begin.
    private let source: Mutex<(any LineSource)?>
    private let wallClock: any WallClock
    private let savedLegs: [ShipLeg]
    private let worker: Worker
    private let changed = AsyncSignal()

    init(
        _ path: String, _ configuration: Shipper.Configuration, system: RealFileSystem, clock: any MonotonicClock,
        wallClock: any WallClock, logger: Logger, onRefusal: @escaping @Sendable (String, Reply.Refusal) -> Void
    ) throws {
        self.path = path
        self.configuration = configuration
        self.system = system
        self.clock = clock
        self.wallClock = wallClock
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
        savedLegs = saved?.legs ?? []
        state = Mutex(
            State(window: ShipWindow(number: 0, legs: []), isNumbered: path == "-", savedLegs: savedLegs))
        let lines: (any LineSource)? =
            path == "-" ? FormattedLines(StandardInputLines(), format: configuration.format, clock: wallClock) : nil
        source = Mutex(lines)
        worker = Worker(name: "ship-read", capacity: 4)
    }

    private static func newName(_ name: String, _ path: String) -> String {
        let tag = String(systemEntropy(), radix: 16)
        return String(decoding: Array("\(name)-\(tag):\(lastComponent(of: path))".utf8.prefix(200)), as: UTF8.self)
    }

    var progress: ShipProgress {
        state.withLock { state in
            var progress = state.progress
            progress.acknowledgedRecords = state.window.acknowledgedRecords
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
        var lastWelcome = clock.uptime()
        while true {
            do {
                try await converse()
                break
            } catch let error as FileError {
                throw error
            } catch is NumberingFound {
                continue
            } catch {
                // The server may have been put back to an older state: ask anew what it has.
                if case .refused? = error as? ShipError { state.withLock { $0.isNumbered = path == "-" } }
                if state.withLock({ $0.isStopping }) || Task.isCancelled { break }
                let reason = NetworkErrorText.text(of: error)
                logger.warning("\(path): \(reason); connecting again in \(pauseMilliseconds) ms")
                if state.withLock({ $0.isWelcome }) {
                    pauseMilliseconds = 100
                    lastWelcome = clock.uptime()
                }
                // An agent that follows waits for its server as long as it takes; a command that is to end does not.
                if configuration.stopsAtEnd && clock.uptime() - lastWelcome > configuration.patienceNanoseconds {
                    throw error
                }
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

    /// The connection was made without a number; the next one begins with the right one.
    private struct NumberingFound: Error {}

    private func converse() async throws {
        // What is sent must begin with the number that the hello announces, although the welcome may acknowledge a part
        // of it: both are taken here, in one step.
        let (first, again) = state.withLock { state -> (UInt64?, [ShipWindow.Sent]) in
            state.isWelcome = false
            state.isBroken = false
            state.lastHeard = clock.uptime()
            return state.isNumbered ? (state.window.firstToSend, state.window.unacknowledged) : (nil, [])
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
                    try await self.send(link, again: first == nil ? nil : again)
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
                    state.welcomed = last
                    if state.isNumbered { state.window.acknowledge(last) }
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

    /// Settles the numbering with what the server has, once it has said so.
    private func number() async throws {
        while !(try check({ $0.isWelcome })) {
            // Nothing may be sent behind a hello that announced no number of ours.
            if try check({ $0.isStopping }) { throw ShipError.closed }
            await changed.wait()
        }
        let (last, isNumbered) = try check { ($0.welcomed, $0.isNumbered) }
        if isNumbered { return }
        let answer = await worker.run { [self] in Result { try begin(after: last) } }
        try answer?.get()
        try await save(force: true)
        let isInStep = state.withLock { state in
            state.isNumbered = true
            let isInStep = state.window.firstToSend == last + 1
            if isInStep { state.window.acknowledge(last) }
            return isInStep
        }
        if !isInStep { throw NumberingFound() }
    }

    /// On the worker: opens the file where the server's records end, or numbers the window anew if the server has fewer
    /// than it once had.
    private func begin(after last: UInt64) throws {
        try source.withLock { source in
            if source != nil {
                state.withLock { state in
                    if state.window.firstToSend > last + 1 { state.window.renumber(after: last) }
                }
                return
            }
            let (legs, number) = try ShipLeg.resume(savedLegs, last: last) {
                try FileFollower.find($0, path, system) != nil
            }
            let follower = FileFollower(
                path: path, legs: legs, newestBirth: savedLegs.map(\.place.birth).max() ?? 0,
                stopsAtEnd: configuration.stopsAtEnd,
                quietNanoseconds: Int64(configuration.rotatedQuietMilliseconds) * 1_000_000, system: system,
                clock: clock, wallClock: wallClock)
            source = FormattedLines(follower, format: configuration.format, clock: wallClock)
            state.withLock { $0.window = ShipWindow(number: number, legs: legs) }
        }
    }

    /// Sends what is not acknowledged again, under the numbers that the hello announced, then what comes from the
    /// source.
    ///
    /// `again`: what follows the hello's number; nil behind a hello without one, where the server's own records are
    /// followed by all that the window holds.
    private func send(_ link: AgentLink, again: [ShipWindow.Sent]?) async throws {
        try await number()
        for sent in again ?? state.withLock({ $0.window.unacknowledged }) { try await link.send(sent.chunk.bytes) }
        while true {
            let (isStopping, isFull) = try check { ($0.isStopping, $0.window.isFull) }
            if isStopping { break }
            if isFull {
                await changed.wait()
            } else if let chunk = try await nextChunk() {
                if chunk.begins != nil { try await save(force: true) }
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
                    let chunk = try source?.next()
                    return Reading(
                        chunk: chunk, isAtEnd: source?.isAtEnd ?? false, backlogBytes: source?.backlogBytes() ?? 0)
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
        // Taken on the worker, so that an older place cannot replace a newer one.
        let answer = await worker.run { [self] in
            Result {
                guard let due = duePlace(force: force) else { return }
                try due.save(in: configuration.stateDirectory, system)
            }
        }
        try answer?.get()
    }

    private func duePlace(force: Bool) -> ShipState? {
        let now = clock.uptime()
        return state.withLock { state in
            guard path != "-", force || now - state.lastSave >= 1_000_000_000 else { return nil }
            let legs = state.window.legs
            guard !legs.isEmpty, legs != state.savedLegs else { return nil }
            state.savedLegs = legs
            state.lastSave = now
            return ShipState(path: path, agent: agent, legs: legs)
        }
    }
}
