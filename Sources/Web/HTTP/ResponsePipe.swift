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
    private let state = Monitor(State())

    /// Hands over a chunk; waits while the pipe is full. False once the reader has gone away: stop working.
    func write(_ chunk: [UInt8]) -> Bool {
        guard !chunk.isEmpty else { return !isAbandoned }
        let waiting = state.wait { state -> CheckedContinuation<[UInt8]?, Never>?? in
            if state.isAbandoned { return .some(nil) }
            if let waiting = state.waiting {
                state.waiting = nil
                return .some(waiting)
            }
            guard state.chunks.count < Self.capacity else { return nil }
            state.chunks.append(chunk)
            return .some(nil)
        }
        if let reader = waiting ?? nil { reader.resume(returning: chunk) }
        return !isAbandoned
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
