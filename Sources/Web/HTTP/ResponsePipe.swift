import Machine

/// Bytes on their way from a thread of ours, which may block, to the socket, which may not: bounded, so that a slow
/// reader slows the query down and does not fill the memory.
final class ResponsePipe: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        var waiting: CheckedContinuation<[UInt8]?, Never>?
        var isFinished = false
        var isAbandoned = false
    }

    /// Chunks that may wait: enough to keep both sides busy.
    private static let capacity = 16
    /// How long a client may read nothing while something waits for it.
    private static let patienceNanoseconds: Int64 = 60_000_000_000
    private let state = Monitor(State())
    /// How often a writer that waits asks whether the server ends.
    private static let askNanoseconds: Int64 = 500_000_000
    private let threads: QueryThreads
    private let patienceNanoseconds: Int64

    /// - Parameters:
    ///   - threads: whose jobs write; while they wait for the client, others run.
    ///   - patienceNanoseconds: how long a client may read nothing before it counts as gone.
    init(_ threads: QueryThreads, patienceNanoseconds: Int64 = ResponsePipe.patienceNanoseconds) {
        self.threads = threads
        self.patienceNanoseconds = patienceNanoseconds
    }

    /// Hands over a chunk; waits while the pipe is full. False once the reader has gone away, or has read nothing for
    /// too long: stop working.
    func write(_ chunk: [UInt8]) -> Bool {
        guard !chunk.isEmpty else { return !isAbandoned }
        var taken = state.withLock { Self.take(chunk, &$0) }
        if taken == nil {
            taken = threads.whileUnread { patiently(chunk) }
        }
        guard let taken else {
            abandon()
            return false
        }
        taken?.resume(returning: chunk)
        return !isAbandoned
    }

    private func patiently(_ chunk: [UInt8]) -> CheckedContinuation<[UInt8]?, Never>?? {
        var left = patienceNanoseconds
        while left > 0, !threads.isClosed {
            let slice = min(left, Self.askNanoseconds)
            if let taken = state.wait(timeoutNanoseconds: slice, until: { Self.take(chunk, &$0) }) { return taken }
            left -= slice
        }
        return nil
    }

    /// Nil while the pipe is full; inside, the reader that waits for just this chunk.
    private static func take(_ chunk: [UInt8], _ state: inout State) -> CheckedContinuation<[UInt8]?, Never>?? {
        if state.isAbandoned { return .some(nil) }
        if let waiting = state.waiting {
            state.waiting = nil
            return .some(waiting)
        }
        guard state.chunks.count < capacity else { return nil }
        state.chunks.append(chunk)
        return .some(nil)
    }

    /// No more chunks come.
    func finish() {
        let reader = state.update { state in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        reader?.resume(returning: nil)
    }

    /// Gives a reader that waits an empty chunk, so that it looks after its client.
    func nudge() {
        let reader = state.update { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        reader?.resume(returning: [])
    }

    /// The reader has gone away.
    func abandon() {
        state.update { state in
            state.isAbandoned = true
            state.chunks = []
        }
    }

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// The next chunk, nil at the end. One reader only.
    func next() async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            let answer = state.update { state -> [UInt8]?? in
                if !state.chunks.isEmpty { return .some(state.chunks.removeFirst()) }
                if state.isFinished { return .some(nil) }
                state.waiting = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
