import Machine

extension Store {
    /// Seals the memory table and empties the journal: on return every row is in a segment, observers have saved their
    /// state, and the disk holds nothing twice.
    public func flush() async throws {
        try await onThread("flush") { [self] in
            try sealAll()
            visible.feed.checkpointAndWait()
            trimJournal()
        }
    }

    /// Merges each tenant's day into one segment.
    public func forceMerge() async throws {
        try await onThread("force-merge") { [self] in try mergeAll() }
    }

    /// `close`, off the pool of async tasks.
    public func shutDown() async {
        try? await onThread("close") { [self] in close() }
    }

    /// Blocking work on a thread of its own, so that the pool of async tasks goes on.
    public func onThread<Result: Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            _ = MachineThread(name: name) {
                do {
                    continuation.resume(returning: try work())
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
