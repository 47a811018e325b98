import Bytes
import Machine

/// The catalog as a file that is written beside the old one, synced and renamed over it, and a copy of it: one bit that
/// turns must not take all segments along. The copy is replaced first, so that it is never behind the catalog.
public struct FolderCatalog: Catalog {
    private let system: any FileSystem
    private let path: String

    public init(_ system: any FileSystem, path: String) {
        self.system = system
        self.path = path
    }

    /// The copy's path.
    static func copy(of path: String) -> String { path + ".copy" }

    public func load() throws -> CatalogState? { try load(path) }

    public func loadCopy() throws -> CatalogState? { try load(Self.copy(of: path)) }

    private func load(_ path: String) throws -> CatalogState? {
        guard system.exists(path) else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try system.readAll(path)
        } catch {
            guard error.code == .inputOutput else { throw error }
            throw CorruptionError("the disk cannot read it", offset: 0, file: path)
        }
        do {
            return try CatalogState(encoded: bytes.rawSpan)
        } catch {
            throw CorruptionError(error.reason, offset: error.offset, file: path)
        }
    }

    public func removeCopy() throws {
        let copy = Self.copy(of: path)
        if system.exists(copy) { try system.remove(copy) }
    }

    public func replace(with state: CatalogState) throws {
        let bytes = state.encoded()
        try system.replace(Self.copy(of: path), with: bytes.rawSpan)
        try system.replace(path, with: bytes.rawSpan)
    }
}
