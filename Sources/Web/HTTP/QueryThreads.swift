import Machine

/// The threads on which queries run: so many at once, so many waiting, and the next is told to come back.
///
/// A query that waits for its client to read does not count as running: another takes its place, on a thread that is
/// made for it if need be, and the first goes on when one of the places is free again.
public final class QueryThreads: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        /// Jobs that run and do not wait for their client.
        var running = 0
        /// Jobs whose client has read on, which want to run again: before new ones.
        var resuming = 0
        /// Threads without a job.
        var idle = 0
        var threads: [Int: MachineThread] = [:]
        var ended: [MachineThread] = []
        var nextThread = 0
        var isClosed = false
    }

    private let name: String
    private let running: Int
    private let waiting: Int
    private let mostThreads: Int
    private let state = Monitor(State())

    /// - Parameters:
    ///   - running: queries at once.
    ///   - waiting: queries that may wait for a thread.
    ///   - unread: queries that may wait for their client to read without one of the `running` places.
    ///   - name: of the threads.
    public init(running: Int, waiting: Int, unread: Int = 64, name: String = "query") {
        precondition(running > 0 && waiting >= 0 && unread >= 0)
        self.name = name
        self.running = running
        self.waiting = waiting
        mostThreads = running + unread
    }

    /// Whether queries should come to their end now.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Runs `body` on one of the threads. Throws an answer with status 429 if too many wait already.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = start { continuation.resume(with: Swift.Result { try body() }) }
            if !isTaken {
                continuation.resume(
                    throwing: AnswerError(.tooManyRequests, "too many queries at once", retryAfterSeconds: 1))
            }
        }
    }

    /// Queues a job; false if too many wait already.
    public func start(_ job: @escaping @Sendable () -> Void) -> Bool {
        state.update { state in
            guard !state.isClosed else { return false }
            let isFree = state.running + state.resuming + state.jobs.count < running
            guard isFree || state.jobs.count < waiting else { return false }
            state.jobs.append(job)
            addThread(&state)
            return true
        }
    }

    /// Runs `body`, which waits for a client, without a place among the running ones. Only from within a job.
    func whileUnread<Result>(_ body: () -> Result) -> Result {
        state.update { state in
            state.running -= 1
            addThread(&state)
        }
        defer {
            state.withLock { $0.resuming += 1 }
            _ = state.wait { state -> Bool? in
                guard state.running < running else { return nil }
                state.running += 1
                state.resuming -= 1
                return true
            }
        }
        return body()
    }

    /// One more thread, if a job could run and nobody is there to take it.
    private func addThread(_ state: inout State) {
        guard !state.jobs.isEmpty, state.idle < state.jobs.count, state.running + state.resuming < running,
            state.threads.count < mostThreads
        else { return }
        let number = state.nextThread
        state.nextThread += 1
        state.idle += 1
        state.threads[number] = MachineThread(name: "\(name)-\(number)") { [self] in work(number) }
    }

    private func work(_ number: Int) {
        while let job = state.wait(until: { self.next(&$0) }) ?? nil {
            job()
            state.update { state in
                state.running -= 1
                state.idle += 1
            }
        }
        state.update { state in
            state.idle -= 1
            if let thread = state.threads.removeValue(forKey: number) { state.ended.append(thread) }
        }
    }

    /// A job, or nil inside when the thread should end; nil outside while there is nothing to do.
    private func next(_ state: inout State) -> (@Sendable () -> Void)?? {
        if !state.jobs.isEmpty, state.running + state.resuming < running {
            state.running += 1
            state.idle -= 1
            return .some(state.jobs.removeFirst())
        }
        if state.isClosed, state.jobs.isEmpty { return .some(nil) }
        // Threads that were made while others waited for their clients are not kept.
        return state.idle > running && state.jobs.isEmpty ? .some(nil) : nil
    }

    /// Takes no more jobs, tells those that run to end, and returns when the last has.
    public func close() {
        state.update { $0.isClosed = true }
        _ = state.wait { $0.threads.isEmpty ? true : nil }
        for thread in state.withLock({ $0.ended }) { thread.join() }
    }
}
