import Bytes
import Synchronization

/// A disk in memory that forgets what was not synced, fills up and fails on command: the proof ground for durability.
///
/// It is harsher than real disks on purpose. Of unsynced bytes a crash keeps nothing, all, a prefix torn at any byte,
/// or any subset of sectors; of unsynced names in a folder it keeps any prefix of the changes; after a failed `sync`
/// the unsynced bytes are still read but no later `sync` stores them, as Linux page caches do it. Folders themselves
/// are durable at once. Everything that happens follows from the seed and the order of the calls.
public final class CrashableFileSystem: FileSystem {
    let disk: Mutex<Disk>

    /// An empty disk of `capacity` bytes.
    public init(capacity: Int = Int.max) { disk = Mutex(Disk(capacity: capacity)) }

    private init(_ survivor: Disk) { disk = Mutex(survivor) }

    /// Operations so far that change something or make it durable: crash points lie between them.
    public var operations: Int { disk.withLock { $0.operations } }

    /// Power goes off when operation number `operations`, from 0, is asked for: it and all later ones fail with no
    /// effect.
    public func losePower(at operation: Int) { disk.withLock { $0.lastOperation = operation } }

    /// Whether operations still have an effect.
    public var hasPower: Bool { disk.withLock { $0.hasPower } }

    /// The disk as the next start finds it, of which `self` knows nothing any more.
    public func restarted(seed: UInt64) -> CrashableFileSystem {
        var random = SeededRandom(seed: seed)
        return CrashableFileSystem(disk.withLock { $0.survivor(&random) })
    }

    /// The next `times` operations called `operation` on paths that end in `suffix` fail with `code`.
    public func fail(_ operation: String, suffix: String = "", with code: FileError.Code, times: Int = 1) {
        disk.withLock { $0.faults.append(Disk.Fault(operation: operation, suffix: suffix, code: code, times: times)) }
    }

    /// Room on the disk in bytes, from now on.
    public func setCapacity(_ capacity: Int) { disk.withLock { $0.capacity = capacity } }

    /// Flips one bit of a file, at once and durably, as failing media do.
    public func flipBit(_ bit: Int, at offset: Int, of path: String) {
        disk.withLock { disk in
            guard let node = disk.names[path] else { return }
            disk.nodes[node].current[offset] ^= 1 << UInt8(bit)
            if offset < disk.nodes[node].durable.count { disk.nodes[node].durable[offset] ^= 1 << UInt8(bit) }
        }
    }

    public func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        let node = try disk.withLock { disk throws(FileError) in
            if let node = disk.names[path] {
                if case .createNew = mode { throw FileError(.exists, "open", path) }
                try disk.refuseWithoutPower("open", path)
                return node
            }
            if case .read = mode { throw FileError(.notFound, "open", path) }
            guard disk.folders.contains(parentDirectory(of: path)) else { throw FileError(.notFound, "open", path) }
            try disk.begin("create", path)
            let node = disk.nodes.count
            disk.nodes.append(Disk.Node())
            disk.change(.set(path, node))
            return node
        }
        return CrashableFile(self, node: node, path: path)
    }

    public func createDirectory(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.refuseWithoutPower("create", path)
            var folder = path
            while disk.folders.insert(folder).inserted { folder = parentDirectory(of: folder) }
        }
    }

    public func list(_ directory: String) throws(FileError) -> [String] {
        try disk.withLock { disk throws(FileError) in
            try disk.refuseWithoutPower("list", directory)
            guard disk.folders.contains(directory) else { throw FileError(.notFound, "list", directory) }
            let folders = disk.folders.filter { $0 != directory && parentDirectory(of: $0) == directory }
            let files = disk.names.keys.filter { parentDirectory(of: $0) == directory }
            return (folders + files).map { lastComponent(of: $0) }.sorted()
        }
    }

    public func rename(_ path: String, to target: String) throws(FileError) {
        precondition(parentDirectory(of: path) == parentDirectory(of: target))
        try disk.withLock { disk throws(FileError) in
            guard let node = disk.names[path] else { throw FileError(.notFound, "rename", path) }
            try disk.begin("rename", target)
            disk.change(.move(path, target, node))
        }
    }

    public func link(_ path: String, to target: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            guard let node = disk.names[path] else { throw FileError(.notFound, "link", path) }
            guard disk.names[target] == nil else { throw FileError(.exists, "link", target) }
            try disk.begin("link", target)
            disk.change(.set(target, node))
        }
    }

    public func remove(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            if disk.folders.contains(path) {
                try disk.begin("remove", path)
                disk.folders.remove(path)
                return
            }
            guard disk.names[path] != nil else { throw FileError(.notFound, "remove", path) }
            try disk.begin("remove", path)
            disk.change(.remove(path))
        }
    }

    public func syncDirectory(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            guard disk.folders.contains(path) else { throw FileError(.notFound, "syncDirectory", path) }
            try disk.begin("syncDirectory", path)
            disk.makeNamesDurable(in: path)
        }
    }

    public func map(_ path: String) throws(FileError) -> SharedBytes { SharedBytes(try readAll(path)) }

    public func size(of path: String) throws(FileError) -> Int {
        try disk.withLock { disk throws(FileError) in
            guard let node = disk.names[path] else { throw FileError(.notFound, "examine", path) }
            return disk.nodes[node].current.count
        }
    }

    public func exists(_ path: String) -> Bool {
        disk.withLock { $0.names[path] != nil || $0.folders.contains(path) }
    }

    public func freeBytes(at path: String) throws(FileError) -> Int {
        disk.withLock { max(0, $0.capacity - $0.used) }
    }

    public func lock(_ path: String) throws(FileError) -> any FileLock {
        try disk.withLock { disk throws(FileError) in
            guard disk.locks.insert(path).inserted else {
                throw FileError(.locked(processID: processID()), "lock", path)
            }
        }
        return CrashableLock(self, path: path)
    }
}
