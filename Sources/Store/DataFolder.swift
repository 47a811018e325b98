import Bytes
import Journal
import Machine
import Records
import Segments

/// Where things are in a data folder.
struct DataFolder: Sendable {
    let path: String
    var journal: String { path + "/journal" }
    var segments: String { path + "/segments" }
    var catalog: String { path + "/catalog" }
    var catalogCopy: String { FolderCatalog.copy(of: catalog) }
    var lock: String { path + "/LOCK" }

    /// Segments and catalog in the folder itself.
    func storage(_ system: any FileSystem) throws -> SharedStorage {
        SharedStorage(
            blobs: try FolderBlobStore(system, directory: segments), catalog: FolderCatalog(system, path: catalog))
    }

    /// Takes the folder for this process.
    func takeLock(_ system: any FileSystem) throws -> any FileLock {
        do throws(FileError) {
            return try system.lock(lock)
        } catch {
            guard case .locked(let processID) = error.code else { throw error }
            throw StoreError.inUse(folder: path, processID: processID)
        }
    }
}

/// What a data folder holds, read but not changed.
struct FolderContents: Sendable {
    var catalog: CatalogState
    var replay: JournalReplay
    /// Catalog and journal together.
    var marks: [String: UInt64]

    /// `observed`: groups behind it are replayed too although they are in segments.
    init(_ system: any FileSystem, _ folder: DataFolder, catalog: any Catalog, observed: JournalPosition?) throws {
        self.catalog = try catalog.load() ?? CatalogState()
        replay = try JournalReplay(
            system, directory: folder.journal, after: self.catalog.sealedThrough, observed: observed)
        marks = self.catalog.marks
        for group in replay.groups {
            for mark in group.entries.flatMap(\.numberings) {
                marks[mark.agent] = max(marks[mark.agent] ?? 0, mark.lastSequence)
            }
        }
    }

    /// The state that queries see: the catalog's segments, and as memory table the journal's blocks in place.
    func state(damage: DamageLog, _ handle: (SegmentEntry) -> SegmentHandle) -> StoreState {
        var state = StoreState(
            lastGroup: replay.lastGroup, sealedThrough: catalog.sealedThrough, sealWanted: catalog.sealedThrough,
            marks: marks, marksToSeal: catalog.marks)
        for entry in catalog.segments {
            state.views[entry.tenant, default: TenantView()].segments.append(handle(entry))
        }
        for error in replay.damage { damage.report(error) }
        for group in replay.groups where group.position > catalog.sealedThrough {
            do {
                try state.add(group.memoryBlocks(), at: group.position, uptime: 0)
            } catch {
                damage.report(error)
            }
        }
        state.lastGroup = replay.lastGroup
        return state
    }
}

extension ReplayedGroup {
    /// The group's blocks, read in place in the journal file.
    func memoryBlocks() throws(CorruptionError) -> [(Tenant, MemoryBlock)] {
        var blocks: [(Tenant, MemoryBlock)] = []
        for entry in entries where entry.rowCount > 0 {
            let block = try EncodedBlock(bytes, at: payloadOffset + entry.block.lowerBound, file: path)
            guard block.byteCount == entry.block.count, block.rowCount == entry.rowCount else {
                throw CorruptionError(
                    "group \(position.group): the block is not the one that its entry describes",
                    offset: payloadOffset + entry.block.lowerBound, file: path)
            }
            blocks.append((entry.tenant, MemoryBlock(block, entry, position)))
        }
        return blocks
    }

    /// The group's rows.
    func batches() throws -> [RecordBatch] {
        try memoryBlocks().map { try RecordBatch($1.block, tenant: $0) }
    }
}

extension MemoryBlock {
    init(_ block: EncodedBlock, _ entry: GroupEntry, _ position: JournalPosition) {
        self.init(
            block: block, groups: position.group...position.group, rawBytes: entry.rawBytes,
            byteCount: entry.block.count)
    }
}
