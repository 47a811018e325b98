import Glibc

/// State behind a mutex, and conditions to wait on: the one way in which our threads share anything.
///
/// Hold it briefly: no file operation and no call into other modules under the lock. Waking a thread costs more than
/// most work that is done here, so a monitor with several kinds of waiters has a condition for each.
@safe
public final class Monitor<State>: @unchecked Sendable {
    // Both live at a fixed address from init to deinit; the mutex guards `state`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: UnsafeMutableBufferPointer<pthread_cond_t>
    private var state: State

    /// `conditions`: how many kinds of waiters there are.
    public init(_ state: sending State, conditions count: Int = 1) {
        precondition(count > 0)
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe conditions = .allocate(capacity: count)
        unsafe conditions.initialize(repeating: pthread_cond_t())
        // Timeouts must not follow the time of day.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        for index in 0..<count { unsafe pthread_cond_init(condition(index), &attributes) }
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        // Nobody holds a reference, so nobody waits or holds the lock.
        for index in unsafe conditions.indices { unsafe pthread_cond_destroy(condition(index)) }
        unsafe pthread_mutex_destroy(mutex)
        unsafe conditions.deallocate()
        unsafe mutex.deallocate()
    }

    private func condition(_ index: Int) -> UnsafeMutablePointer<pthread_cond_t> {
        precondition(unsafe conditions.indices.contains(index))
        // Checked above; the buffer is never empty, so it has an address.
        return unsafe conditions.baseAddress! + index
    }

    /// Runs `body` alone and wakes whoever waits, so that they look again.
    public func update<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { for index in unsafe conditions.indices { wake(index) } }
        return try withLock(body)
    }

    /// Runs `body` alone and wakes nobody: for looking, and where the caller knows whom to wake.
    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Those who wait on a condition look again. Cheap when there are none.
    public func wake(_ index: Int = 0) { unsafe _ = pthread_cond_broadcast(condition(index)) }

    /// Runs `body` under the lock, and again whenever the condition is woken, until it answers something; nil after the
    /// timeout. What `body` changes wakes nobody by itself.
    public func wait<Result>(
        on index: Int = 0, timeoutNanoseconds: Int64? = nil, until body: (inout State) -> Result?
    ) -> Result? {
        let deadline = timeoutNanoseconds.map { SystemClock().uptime() &+ $0 }
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            guard let deadline else {
                unsafe pthread_cond_wait(condition(index), mutex)
                continue
            }
            var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            if unsafe pthread_cond_timedwait(condition(index), mutex, &time) == ETIMEDOUT { return body(&state) }
        }
    }
}
