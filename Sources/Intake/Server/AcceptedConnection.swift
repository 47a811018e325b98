import Synchronization

/// A connection that was accepted and is not served yet.
///
/// The listener may drop what it accepted while it closes, but a stream must not be dropped: its writer traps if nobody
/// has finished it. This one then ends itself.
final class AcceptedConnection: Sendable {
    private let stream: TCPConnection.Stream
    private let isTaken = Atomic<Bool>(false)

    init(_ stream: TCPConnection.Stream) { self.stream = stream }

    deinit {
        guard !isTaken.load(ordering: .relaxed) else { return }
        let stream = stream
        Task { try? await stream.executeThenClose { _, _ in } }
    }

    /// The stream, which the caller must run to its end.
    func take() -> TCPConnection.Stream {
        isTaken.store(true, ordering: .relaxed)
        return stream
    }
}
