import Bytes
import Journal
import Machine
import Records

/// A data folder that no server has open, read without changing it: for queries on a folder.
public final class ReadOnlyStore: Sendable {
    private let state: StoreState
    /// Bytes written to segments over bytes sealed, since the folder's beginning.
    public let writeAmplification: Double
    private let damageLog = DamageLog()
    private let lock: (any FileLock)?

    /// Takes the folder's lock while it is open, where the folder can be written at all. Throws `StoreError`, of a
    /// folder with deletions too if there is nobody to read their filters.
    public init(
        _ path: String, system: any FileSystem = RealFileSystem(), selectors: (any RowSelectorCompiler)? = nil
    ) throws {
        let folder = DataFolder(path: path)
        guard system.exists(folder.catalog) else { throw StoreError.noFolder(path) }
        do {
            lock = try folder.takeLock(system)
        } catch let error as FileError where error.code == .notPermitted {
            lock = nil
        }
        let contents = try FolderContents(
            system, folder, catalog: FolderCatalog(system, path: folder.catalog), observed: nil)
        let blobs = try FolderBlobStore(system, directory: folder.segments)
        var state = contents.state(damage: damageLog) { [damageLog] in
            SegmentHandle($0, blobs: blobs, damage: damageLog)
        }
        state.deletions = try contents.catalog.hidingRules(selectors)
        self.state = state
        writeAmplification = contents.catalog.writeAmplification
    }

    public func snapshot(_ tenant: Tenant = .main) -> StoreSnapshot {
        StoreSnapshot(
            view: state.views[tenant] ?? TenantView(), rules: state.deletions.filter { $0.concerns(tenant) },
            damage: damageLog)
    }

    public var tenants: [Tenant] { state.views.keys.sorted() }
    /// A read error that a query met: the block it names is left out from now on, the rest stays readable.
    public func quarantine(_ error: CorruptionError) {
        let handles = state.views.values.lazy.flatMap(\.segments)
        if let handle = handles.first(where: { $0.address == error.file }) {
            handle.quarantine(error)
        } else {
            damageLog.report(error)
        }
    }

    public var damage: [CorruptionError] { damageLog.errors }
}
