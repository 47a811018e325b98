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
        let found = try CatalogRescue(storage, path: folder.catalog)
        if let note = found.note {
            notes.append(note)
            try Self.keepDamaged(folder.catalog, system)
        }
        // Before anything that the catalog does not list is removed: a copy that lists it would be wrong then.
        if let state = found.state, found.note == nil {
            if !Self.isCopied(state, storage.catalog), let note = try Self.copy(state, storage.catalog) {
                notes.append(note)
            }
        } else {
            try storage.catalog.replace(with: found.state ?? CatalogState())
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

    /// Whether the copy says the same; not one that cannot be read.
    private static func isCopied(_ state: CatalogState, _ catalog: any Catalog) -> Bool {
        (try? catalog.loadCopy()) == state
    }

    /// Makes the copy of a sound catalog, or answers why there is none: a full disk is no reason not to start.
    private static func copy(_ state: CatalogState, _ catalog: any Catalog) throws -> String? {
        do {
            try catalog.replace(with: state)
            return nil
        } catch let error as FileError {
            try? catalog.removeCopy()
            return "the catalog has no copy: \(error)"
        }
    }

    static func keepDamaged(_ path: String, _ system: any FileSystem) throws {
        let kept = path + ".damaged"
        if system.exists(path), !system.exists(kept) { try system.link(path, to: kept) }
    }

    /// The groups that an observer's saved state does not cover.
    func observerItems(_ observers: [any BatchObserver]) -> [ObserverFeed.Item] {
        guard let start = observers.map(\.checkpointedPosition).min() else { return [] }
        return contents.replay.groups.filter { $0.position > start }.map { group in
            ObserverFeed.Item(position: group.position, bytes: 0) { try group.batches() }
        }
    }
}
