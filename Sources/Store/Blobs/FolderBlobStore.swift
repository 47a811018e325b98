import Bytes
import Machine

/// Blobs as files of one folder. A name that does not end in `.new` is a whole, durable file.
public struct FolderBlobStore: BlobStore {
    /// Bytes gathered before they are written, and written before they are synced: a large segment must not leave the
    /// disk a mountain of dirty pages that the journal's next sync has to climb.
    private static let writeBytes = 1 << 20
    private static let syncBytes = 8 << 20
    private static let unfinished = ".new"

    private let system: any FileSystem
    private let directory: String

    public init(_ system: any FileSystem, directory: String) throws {
        self.system = system
        self.directory = directory
        if !system.exists(directory) {
            try system.createDirectory(directory)
            try system.syncDirectory(parentDirectory(of: directory))
        }
    }

    public func address(of name: String) -> String { directory + "/" + name }

    public func put(_ name: String, _ write: (_ sink: (RawSpan) throws -> Void) throws -> Void) throws {
        let path = address(of: name)
        let temporary = path + Self.unfinished
        do {
            if system.exists(temporary) { try system.remove(temporary) }
            try fill(try system.open(temporary, .createNew), write)
            // A link fails where a rename would replace.
            try system.link(temporary, to: path)
            try system.remove(temporary)
            try system.syncDirectory(directory)
        } catch {
            try? system.remove(temporary)
            throw error
        }
    }

    private func fill(_ file: any File, _ write: (_ sink: (RawSpan) throws -> Void) throws -> Void) throws {
        var buffer: [UInt8] = []
        var offset = 0
        var synced = 0
        func flush() throws {
            try file.write(buffer.rawSpan, at: offset)
            offset += buffer.count
            buffer.removeAll(keepingCapacity: true)
            if offset - synced >= Self.syncBytes {
                try file.sync()
                synced = offset
            }
        }
        try write { span in
            buffer.append(copying: span)
            if buffer.count >= Self.writeBytes { try flush() }
        }
        try flush()
        try file.sync()
    }

    public func map(_ name: String) throws -> SharedBytes { try system.map(address(of: name)) }

    public func read(_ name: String, _ range: Range<Int>) throws -> [UInt8] {
        try system.open(address(of: name), .read).read(at: range.lowerBound, count: range.count)
    }

    public func size(of name: String) throws -> Int { try system.size(of: address(of: name)) }

    public func list() throws -> [String] {
        guard system.exists(directory) else { return [] }
        return try system.list(directory).filter { !$0.hasSuffix(Self.unfinished) }
    }

    public func delete(_ name: String) throws {
        guard system.exists(address(of: name)) else { return }
        try system.remove(address(of: name))
    }

    /// To another folder a second name for the same bytes, which is durable when that folder is synced.
    public func copy(_ name: String, to other: any BlobStore) throws {
        let target = other.address(of: name)
        guard other is FolderBlobStore else {
            let bytes = try map(name)
            return try other.put(name) { sink in try sink(bytes.bytes) }
        }
        try system.link(address(of: name), to: target)
    }

    public func removeUnfinished() throws {
        for name in try system.list(directory) where name.hasSuffix(Self.unfinished) {
            try system.remove(directory + "/" + name)
        }
    }
}
