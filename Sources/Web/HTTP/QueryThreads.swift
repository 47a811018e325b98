import Machine

/// The threads on which queries run: so many at once, so many waiting, and the next is told to come back.
public final class QueryThreads: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let waiting: Int
    private let state = Monitor(State())
    private let threads: [MachineThread]

    /// - Parameters:
    ///   - running: queries at once.
    ///   - waiting: queries that may wait for a thread.
    public init(running: Int, waiting: Int) {
        precondition(running > 0 && waiting >= 0)
        self.waiting = waiting
        let state = self.state
        threads = (0..<running).map { index in
            MachineThread(name: "query-\(index)") {
                while let job = state.wait(until: Self.next) ?? nil { job() }
            }
        }
    }

    /// A job, or nil inside once closed and empty; nil outside while there is nothing to do.
    private static func next(_ state: inout State) -> (@Sendable () -> Void)?? {
        if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
        return state.isClosed ? .some(nil) : nil
    }

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
            guard !state.isClosed, state.jobs.count < waiting else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Takes no more jobs and returns when the last has ended.
    public func close() {
        state.update { $0.isClosed = true }
        for thread in threads { thread.join() }
    }
}
