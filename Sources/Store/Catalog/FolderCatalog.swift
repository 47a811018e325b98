import Bytes
import Machine

/// The catalog as a file that is written beside the old one, synced and renamed over it.
public struct FolderCatalog: Catalog {
    private let system: any FileSystem
    private let path: String

    public init(_ system: any FileSystem, path: String) {
        self.system = system
        self.path = path
    }

    public func load() throws -> CatalogState? {
        guard system.exists(path) else { return nil }
        let bytes = try system.readAll(path)
        do {
            return try CatalogState(encoded: bytes.rawSpan)
        } catch {
            throw CorruptionError(error.reason, offset: error.offset, file: path)
        }
    }

    public func replace(with state: CatalogState) throws {
        try system.replace(path, with: state.encoded().rawSpan)
    }
}
