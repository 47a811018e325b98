/// Where segments and the catalog are, if not in the data folder: the journal, which is this machine's own, is the only
/// other thing that a store keeps.
public struct SharedStorage: Sendable {
    public var blobs: any BlobStore
    public var catalog: any Catalog

    public init(blobs: any BlobStore, catalog: any Catalog) {
        self.blobs = blobs
        self.catalog = catalog
    }
}
