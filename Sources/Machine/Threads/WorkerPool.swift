/// Threads that stay, and help whoever has work that can be shared out. Nobody waits for a helper that is busy: the
/// caller works too, and what no helper has begun by the time the caller is done is not begun at all.
public final class WorkerPool: Sendable {
    /// One caller's work, while it runs.
    private final class Job: Sendable {
        private let progress: Monitor<Progress>

        init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
            progress = Monitor(Progress(body: body, next: 1, count: count))
        }

        /// One more call; false if there are enough. Its end is told apart, when nothing of the body is held here any
        /// more: it may not outlive its caller.
        func call() -> Bool {
            let begun = progress.withLock { state -> (number: Int, body: @Sendable (Int) -> Void)? in
                guard state.next < state.count, let body = state.body else { return nil }
                state.next += 1
                state.running += 1
                return (state.next - 1, body)
            }
            guard let begun else { return false }
            begun.body(begun.number)
            return true
        }

        func end() { progress.update { $0.running -= 1 } }

        /// Lets no more calls begin, and waits for those that have.
        func finish() {
            progress.withLock { $0.body = nil }
            _ = progress.wait { $0.running == 0 ? true : nil }
        }
    }

    private struct Progress {
        var body: (@Sendable (Int) -> Void)?
        var next: Int
        var count: Int
        var running = 0
    }

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
    }

    private let state = Monitor(State())
    private let threads: [MachineThread]

    /// `helpers`: threads besides the callers' own; may be none.
    public init(name: String, helpers: Int) {
        precondition(helpers >= 0)
        let state = self.state
        threads = (0..<helpers).map { index in
            MachineThread(name: "\(name)-\(index)") {
                while let job = state.wait(until: Self.next) ?? nil {
                    while job.call() { job.end() }
                    state.withLock { state in state.jobs.removeAll { $0 === job } }
                }
            }
        }
    }

    /// The oldest job, or nil inside once closed; nil outside while there is nothing to do.
    private static func next(_ state: inout State) -> Job?? {
        if state.isClosed { return .some(nil) }
        return state.jobs.isEmpty ? nil : .some(state.jobs.removeFirst())
    }

    /// Calls `body` with 0 here and with 1…count-1 on helpers that have time; returns when every call that was begun
    /// has ended. The calls must share the work out among themselves.
    public func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let job = Job(count: count, body)
        let helpers = min(count - 1, threads.count)
        if helpers > 0 {
            state.update { state in for _ in 0..<helpers { state.jobs.append(job) } }
        }
        body(0)
        guard helpers > 0 else { return }
        state.withLock { state in state.jobs.removeAll { $0 === job } }
        job.finish()
    }

    /// Ends the threads when they have nothing more to do; work that comes later is done by its callers alone.
    public func close() {
        state.update { $0.isClosed = true }
        for thread in threads { thread.join() }
    }
}
