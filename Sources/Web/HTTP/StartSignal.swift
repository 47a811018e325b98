import Machine

/// Tells one waiter, once, whether something that goes on in a thread of ours has started.
final class StartSignal: Sendable {
    private let waiting: Monitor<CheckedContinuation<Void, any Error>?>

    init(_ continuation: CheckedContinuation<Void, any Error>) { waiting = Monitor(continuation) }

    func succeed() { take()?.resume() }

    /// False if it has started before: then nobody waits for the error any more.
    func fail(_ error: any Error) -> Bool {
        guard let continuation = take() else { return false }
        continuation.resume(throwing: error)
        return true
    }

    private func take() -> CheckedContinuation<Void, any Error>? {
        waiting.update { waiting in
            defer { waiting = nil }
            return waiting
        }
    }
}
