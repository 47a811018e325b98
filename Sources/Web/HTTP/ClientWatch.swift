import Hummingbird

/// The client of a request, while it waits for the answer.
///
/// A connection that is watched for its end can serve no further request, so that only work that takes long is watched.
struct ClientWatch: Sendable {
    /// Work that ends sooner is not worth a connection.
    static let patienceNanoseconds: UInt64 = 250_000_000

    private let request: RequestBody

    init(_ request: Request) { self.request = request.body }

    /// The answer of `work`, which is cancelled when the client goes away.
    func run(_ work: @escaping @Sendable () async throws -> Response) async throws -> Response {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let task = Task {
            defer { end.finish() }
            return try await work()
        }
        return try await withTaskCancellationHandler {
            let isQuick = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in ends {}
                    return !Task.isCancelled
                }
                group.addTask {
                    try? await Task.sleep(nanoseconds: Self.patienceNanoseconds)
                    return false
                }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
            if isQuick { return try await task.value }
            return try await untilGone({ task.cancel() }) { try await task.value }
        } onCancel: {
            task.cancel()
        }
    }

    /// Runs `work`, and `onGone` if the client goes away meanwhile.
    func untilGone<Value: Sendable>(
        _ onGone: @escaping @Sendable () -> Void, _ work: () async throws -> Value
    ) async throws -> Value {
        try await request.consumeWithInboundCloseHandler({ _ in try await work() }, onInboundClosed: onGone)
    }
}
