import Machine
import Synchronization

/// The one place where the catalog changes: one change at a time, on disk first, then in what queries see.
final class CatalogKeeper: Sendable {
    private struct Kept: Sendable {
        var state: CatalogState
        /// Segments of changes that failed: the disk's catalog may list them, so they stay until the next change has
        /// made sure that it does not.
        var doubtful: [String] = []
    }

    private let catalog: any Catalog
    private let blobs: any BlobStore
    private let kept: Mutex<Kept>
    private let nextNumber: Atomic<UInt64>

    init(_ state: CatalogState, catalog: any Catalog, blobs: any BlobStore) {
        self.catalog = catalog
        self.blobs = blobs
        nextNumber = Atomic(state.nextSegment)
        kept = Mutex(Kept(state: state))
    }

    var state: CatalogState { kept.withLock { $0.state } }

    /// A number that no segment has had.
    func takeNumber() -> UInt64 { nextNumber.add(1, ordering: .relaxed).oldValue }

    /// Makes an edited state durable, then calls `publish` with it before anyone else may change it. `new`: the blobs
    /// that the edit adds. After an error, of the edit or of the disk, nothing has changed for queries.
    func change(
        adding new: [String] = [], _ edit: (inout CatalogState) throws -> Void, publish: (CatalogState) -> Void
    ) throws {
        try kept.withLock { kept in
            var state = kept.state
            try edit(&state)
            state.deletions.removeAll { $0.isDone(sealedThrough: state.sealedThrough) }
            state.generation += 1
            state.nextSegment = nextNumber.load(ordering: .relaxed)
            do {
                try catalog.replace(with: state)
            } catch {
                kept.doubtful += new
                throw error
            }
            kept.state = state
            for name in kept.doubtful { try? blobs.delete(name) }
            kept.doubtful = []
            publish(state)
        }
    }
}
