import Bytes
import Machine
import Records

extension Store {
    /// Makes a data folder of its own under `snapshots/NAME`: hard links to all segments and a catalog that lists them,
    /// taken right after a seal, so that it holds every row that was answered before the call. Costs no space until the
    /// segments are merged away here. Answers its path. `FileError` with `.exists` if the name is taken. The state of
    /// observers is not in it; they start anew on the copy.
    public func backUp(_ name: String) async throws -> String {
        guard (1...Self.longestName).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowedInName),
            !name.hasPrefix(".")
        else {
            throw StoreError.badName(name)
        }
        return try await onThread("backup") { [self] in try backing.withLock { _ in try makeBackup(name) } }
    }

    /// Bytes of a name, as file systems have them.
    private static let longestName = 255

    /// Letters, digits, `-`, `_` and `.`: no way out of the folder.
    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private func makeBackup(_ name: String) throws -> String {
        let target = DataFolder(path: folder.path + "/snapshots/" + name)
        if system.exists(target.path) { throw FileError(.exists, "create", target.path) }
        try sealAll()
        do {
            try system.createDirectory(target.path)
            let copy = try target.storage(system)
            // Segments are retired under this lock only, so all that the catalog lists can be copied.
            let state = try merging.withLock { _ in
                let state = keeper.state
                for entry in state.segments { try blobs.copy(entry.blobName, to: copy.blobs) }
                return state
            }
            for directory in [target.segments, target.path, folder.path + "/snapshots", folder.path] {
                try system.syncDirectory(directory)
            }
            // Last, since a folder without a catalog and with segments is refused.
            try copy.catalog.replace(with: state)
            return target.path
        } catch {
            removeBackup(target)
            throw error
        }
    }

    /// As far as the disk lets it: what is left is refused as a data folder. Unfinished files go too.
    private func removeBackup(_ target: DataFolder) {
        for directory in [target.segments, target.path] {
            for name in (try? system.list(directory)) ?? [] { try? system.remove(directory + "/" + name) }
            try? system.remove(directory)
        }
        let parent = parentDirectory(of: target.path)
        if let others = try? system.list(parent), others.isEmpty { try? system.remove(parent) }
    }
}
