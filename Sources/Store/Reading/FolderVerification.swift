import Bytes
import Journal
import Machine
import Records

/// What `plumb verify` found in a data folder: every checksum and every cross-reference.
public struct FolderVerification: Sendable {
    /// In words with file and offset; none if all is sound.
    public private(set) var problems: [String] = []
    /// What is unusual but loses nothing: unfinished writes of a crash, files that nobody lists.
    public private(set) var notes: [String] = []
    public private(set) var segments = 0
    public private(set) var segmentRows = 0
    public private(set) var journalRows = 0
    public private(set) var bytes = 0

    public var isSound: Bool { problems.isEmpty }

    /// Reads everything in the folder, which no server may have open. `progress` is told the share that is done, 0…1.
    /// O(bytes).
    public init(
        _ path: String, system: any FileSystem = RealFileSystem(), progress: (Double) -> Void = { _ in }
    ) throws {
        let folder = DataFolder(path: path)
        guard system.exists(folder.catalog) || Self.hasContents(folder, system) else { throw StoreError.noFolder(path) }
        let lock = try folder.takeLock(system)
        defer { lock.release() }
        let blobs = try FolderBlobStore(system, directory: folder.segments)
        let contents: FolderContents
        do {
            contents = try FolderContents(
                system, folder, catalog: FolderCatalog(system, path: folder.catalog), observed: nil)
        } catch let error as CorruptionError {
            problems.append(error.description)
            if error.file == folder.catalog { noteCopy(folder, system, nil) }
            return
        }
        guard system.exists(folder.catalog) else {
            let count = try blobs.list().count
            problems.append("\(folder.catalog): missing, although there are \(count) segments or a journal")
            noteCopy(folder, system, nil)
            return
        }
        noteCopy(folder, system, contents.catalog)
        checkNumbers(contents.catalog)
        checkDeletions(contents.catalog)
        checkJournal(contents)
        for (index, entry) in contents.catalog.segments.enumerated() {
            check(entry, blobs)
            progress(Double(index + 1) / Double(contents.catalog.segments.count))
        }
        let listed = Set(contents.catalog.segments.map(\.blobName))
        for name in try blobs.list() where !listed.contains(name) {
            notes.append("\(blobs.address(of: name)): no catalog lists it; the next start removes it")
        }
    }

    /// Whether there is what only a data folder has.
    private static func hasContents(_ folder: DataFolder, _ system: any FileSystem) -> Bool {
        [folder.catalogCopy, folder.segments, folder.journal].contains { system.exists($0) }
    }

    /// What stands beside the catalog; `catalog` is nil where that cannot be read.
    private mutating func noteCopy(_ folder: DataFolder, _ system: any FileSystem, _ catalog: CatalogState?) {
        // A folder of an earlier version has none yet.
        guard system.exists(folder.catalogCopy) else {
            if catalog == nil { notes.append("\(folder.catalogCopy): there is no copy of the catalog") }
            return
        }
        do {
            let copy = try FolderCatalog(system, path: folder.catalog).loadCopy()
            if catalog == nil {
                notes.append("\(folder.catalogCopy): sound; the next start takes it if it fits the segments")
            } else if copy != catalog {
                notes.append("\(folder.catalogCopy): not the catalog; the next start writes it anew")
            }
        } catch {
            problems.append("\(error)")
        }
    }

    private mutating func checkNumbers(_ catalog: CatalogState) {
        if Set(catalog.segments.map(\.number)).count != catalog.segments.count {
            problems.append("catalog: a segment is listed twice")
        }
        if let last = catalog.segments.map(\.number).max(), last >= catalog.nextSegment {
            problems.append("catalog: segment \(last) is listed although the next is \(catalog.nextSegment)")
        }
    }

    private mutating func checkDeletions(_ catalog: CatalogState) {
        let tenants = Dictionary(
            catalog.segments.map { ($0.number, $0.tenant) }, uniquingKeysWith: { first, _ in first })
        for deletion in catalog.deletions {
            for segment in deletion.segments where tenants[segment] != deletion.tenant {
                problems.append("catalog: deletion \(deletion.number) names segment \(segment), not one of its tenant")
            }
        }
    }

    private mutating func checkJournal(_ contents: FolderContents) {
        notes += contents.replay.dropped.map(\.description)
        problems += contents.replay.damage.map(\.description)
        for group in contents.replay.groups {
            do {
                for (_, memory) in try group.memoryBlocks() {
                    try memory.block.verify()
                    journalRows += memory.block.rowCount
                    bytes += memory.byteCount
                }
            } catch {
                problems.append("\(error)")
            }
        }
    }

    private mutating func check(_ entry: SegmentEntry, _ blobs: any BlobStore) {
        let address = blobs.address(of: entry.blobName)
        let log = DamageLog()
        let handle = SegmentHandle(entry, blobs: blobs, damage: log)
        if let segment = handle.readable(), log.errors.isEmpty {
            do {
                try segment.reader.verify()
            } catch {
                problems.append("\(error)")
            }
        }
        problems += log.errors.map(\.description)
        segments += 1
        bytes += entry.bytes
        segmentRows += entry.rows
        let days = [entry.timeRange.lowerBound, entry.timeRange.upperBound].map(UTCDay.day)
        if days[0] != entry.day || days[1] - days[0] >= Limits.sharedDays {
            problems.append("\(address): rows of the days \(days[0]) to \(days[1]), not from \(entry.day) on")
        }
    }
}
