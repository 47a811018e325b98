/// A named thread that does the jobs it is given in their order, from a bounded queue.
public final class Worker: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var closed = false
    }

    private let capacity: Int
    private let monitor: Monitor<State>
    private let thread: MachineThread

    /// `capacity`: jobs that may wait.
    public init(name: String, capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        let monitor = Monitor(State())
        self.monitor = monitor
        thread = MachineThread(name: name) {
            while true {
                let jobs = monitor.wait { state -> [@Sendable () -> Void]? in
                    if state.jobs.isEmpty { return state.closed ? [] : nil }
                    defer { state.jobs = [] }
                    return state.jobs
                }
                monitor.wake()
                guard let jobs, !jobs.isEmpty else { return }
                for job in jobs { job() }
            }
        }
    }

    /// Queues a job; waits while the queue is full. False once closed: the job will not run.
    @discardableResult
    public func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = monitor.wait { state -> Bool? in
            if state.closed { return false }
            guard state.jobs.count < self.capacity else { return nil }
            state.jobs.append(job)
            return true
        }
        monitor.wake()
        return isTaken ?? false
    }

    /// Queues a job unless the queue is full or closed.
    public func trySubmit(_ job: @escaping @Sendable () -> Void) -> Bool {
        monitor.update { state in
            guard !state.closed, state.jobs.count < capacity else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Runs `body` on the worker, after the jobs that wait, and answers what it answers; nil once closed.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result? {
        await withCheckedContinuation { continuation in
            let taken = submit { continuation.resume(returning: body()) }
            if !taken { continuation.resume(returning: nil) }
        }
    }

    /// Takes no more jobs, finishes those that wait, and returns when the thread has ended.
    public func close() {
        monitor.update { $0.closed = true }
        thread.join()
    }
}
