import Bytes
import Journal
import Machine
import Records

/// The start on a data folder: reads what is there and clears away what earlier lives left unfinished.
struct StoreOpening {
    let contents: FolderContents
    private(set) var notes: [String] = []

    init(
        _ system: any FileSystem, _ folder: DataFolder, _ storage: SharedStorage, observed: JournalPosition?
    ) throws {
        let blobs = storage.blobs
        if try storage.catalog.load() == nil {
            if let name = try blobs.list().first {
                // The first start wrote a catalog, so it was lost; without it the segments must not be taken for
                // debris.
                throw CorruptionError(
                    "the catalog is missing although segment \(name) is there", offset: 0, file: folder.catalog)
            }
            try storage.catalog.replace(with: CatalogState())
        }
        contents = try FolderContents(system, folder, catalog: storage.catalog, observed: observed)
        try blobs.removeUnfinished()
        try removeOrphans(blobs)
        try keepDamagedFiles(system)
        notes += contents.replay.dropped.map(\.description)
    }

    /// Segments that no catalog lists: of a seal or merge that a crash cut short, or retired and not yet deleted.
    private mutating func removeOrphans(_ blobs: any BlobStore) throws {
        let listed = Set(contents.catalog.segments.map(\.blobName))
        for name in try blobs.list() where name.hasSuffix(SegmentEntry.suffix) && !listed.contains(name) {
            try blobs.delete(name)
            notes.append("removed segment \(name), which no catalog lists")
        }
    }

    /// A second name keeps a damaged journal file for whoever wants to repair it when sealing removes the first.
    private func keepDamagedFiles(_ system: any FileSystem) throws {
        for path in Set(contents.replay.damage.compactMap(\.file)) { try Self.keepDamaged(path, system) }
    }

    static func keepDamaged(_ path: String, _ system: any FileSystem) throws {
        let kept = path + ".damaged"
        if !system.exists(kept) { try system.link(path, to: kept) }
    }

    /// The groups that an observer's saved state does not cover.
    func observerItems(_ observers: [any BatchObserver]) -> [ObserverFeed.Item] {
        guard let start = observers.map(\.checkpointedPosition).min() else { return [] }
        return contents.replay.groups.filter { $0.position > start }.map { group in
            ObserverFeed.Item(position: group.position, bytes: 0) { try group.batches() }
        }
    }
}
