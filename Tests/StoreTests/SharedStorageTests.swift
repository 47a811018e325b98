import Bytes
import Machine
import Records
import Search
import Store
import Testing

/// Blobs in memory, which refuse what the interface does not promise.
private final class MemoryBlobs: BlobStore {
    private let objects = Monitor<[String: [UInt8]]>([:])

    func put(_ name: String, _ write: (_ sink: (RawSpan) throws -> Void) throws -> Void) throws {
        var bytes: [UInt8] = []
        try write { bytes.append(copying: $0) }
        let isTaken = objects.update { objects -> Bool in
            if objects[name] != nil { return true }
            objects[name] = bytes
            return false
        }
        if isTaken { throw FileError(.exists, "put", name) }
    }

    private func object(_ name: String) throws -> [UInt8] {
        guard let bytes = objects.withLock({ $0[name] }) else { throw FileError(.notFound, "get", name) }
        return bytes
    }

    func map(_ name: String) throws -> SharedBytes { SharedBytes(try object(name)) }
    func read(_ name: String, _ range: Range<Int>) throws -> [UInt8] { Array(try object(name)[range]) }
    func size(of name: String) throws -> Int { try object(name).count }
    func list() throws -> [String] { objects.withLock { $0.keys.sorted() } }
    func delete(_ name: String) throws { objects.update { $0[name] = nil } }
    func removeUnfinished() {}
    func address(of name: String) -> String { "memory:" + name }
}

private final class MemoryCatalog: Catalog {
    private let state = Monitor<CatalogState?>(nil)
    func load() throws -> CatalogState? { state.withLock { $0 } }
    func replace(with state: CatalogState) throws { self.state.update { $0 = state } }
}

@Suite struct SharedStorageTests {
    /// Nothing but the journal is in the folder, and everything works.
    @Test func aStoreNeedsNoMoreThanTheInterfaces() async throws {
        let disk = CrashableFileSystem()
        let blobs = MemoryBlobs()
        let shared = SharedStorage(blobs: blobs, catalog: MemoryCatalog())
        var options = Stores.quiet()
        options.selectors = LogsQLSelectors()
        var rows = 0
        for _ in 0..<3 {
            let store = try Store("data", system: disk, options: options, shared: shared)
            #expect(try Rows.numbers(store.snapshot()) == (0..<rows).filter { $0 % 10 != 5 })
            for _ in 0..<4 {
                try await store.append(Rows.batch(rows..<(rows + 10)), mark: nil)
                rows += 10
                try await store.flush()
            }
            _ = try store.delete("n:~\"5$\"")
            while try store.mergeOnce() {}
            #expect(try store.snapshot().rows(withIdentifier: ByteString(Rows.trace(0))).map(\.rows.count) == [4])
            store.close()
        }
        #expect(disk.exists("data/journal") && !disk.exists("data/catalog") && !disk.exists("data/segments"))
        #expect(try blobs.list().count < 12)
        let store = try Store("data", system: disk, options: options, shared: shared)
        let path = try await store.backUp("copy")
        store.close()
        let copy = try Store(path, system: disk, options: options)
        #expect(try Rows.numbers(copy.snapshot()) == (0..<rows).filter { $0 % 10 != 5 })
        copy.close()
        #expect(try FolderVerification(path, system: disk).isSound)
    }
}
