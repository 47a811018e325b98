import Bytes
import Journal
import Machine
import Records

/// A data folder that no server has open, read without changing it: for queries on a folder.
public final class ReadOnlyStore: Sendable {
    private let views: [Tenant: TenantView]
    private let damageLog = DamageLog()
    private let lock: (any FileLock)?

    /// Takes the folder's lock while it is open, where the folder can be written at all. Throws `StoreError`.
    public init(_ path: String, system: any FileSystem = RealFileSystem()) throws {
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
        views =
            contents.state(damage: damageLog) { [damageLog] in
                SegmentHandle($0, blobs: blobs, damage: damageLog)
            }.views
    }

    public func snapshot(_ tenant: Tenant = .main) -> StoreSnapshot {
        StoreSnapshot(view: views[tenant] ?? TenantView())
    }

    public var tenants: [Tenant] { views.keys.sorted() }
    public var damage: [CorruptionError] { damageLog.errors }
}
