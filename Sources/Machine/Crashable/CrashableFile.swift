import Bytes

/// An open file of a `CrashableFileSystem`.
final class CrashableFile: File {
    private let system: CrashableFileSystem
    private let node: Int
    let path: String

    init(_ system: CrashableFileSystem, node: Int, path: String) {
        self.system = system
        self.node = node
        self.path = path
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        let copy = ByteString(bytes).bytes
        try system.disk.withLock { disk throws(FileError) in
            try disk.begin("write", path)
            let growth = max(0, offset + copy.count - disk.nodes[node].current.count)
            let room = max(0, disk.capacity - disk.used)
            // A full disk takes what it can, as the real one does.
            let taken = growth <= room ? copy : Array(copy.dropLast(growth - room))
            if !taken.isEmpty { disk.nodes[node].apply(.write(offset, taken)) }
            if taken.count < copy.count { throw FileError(.noSpace, "write", path) }
        }
    }

    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try system.disk.withLock { disk throws(FileError) in
            try disk.refuseWithoutPower("read", path)
            let bytes = disk.nodes[node].current
            guard offset < bytes.count else { return [] }
            return Array(bytes[offset..<min(bytes.count, offset + count)])
        }
    }

    func sync() throws(FileError) {
        try system.disk.withLock { disk throws(FileError) in
            do throws(FileError) {
                try disk.begin("sync", path)
            } catch {
                // The page cache calls the pages clean although the disk never took them.
                if disk.hasPower { disk.nodes[node].pending = [] }
                throw error
            }
            disk.nodes[node].makeDurable()
        }
    }

    func truncate(to size: Int) throws(FileError) {
        try system.disk.withLock { disk throws(FileError) in
            try disk.begin("truncate", path)
            disk.nodes[node].apply(.truncate(size))
        }
    }

    func size() throws(FileError) -> Int { system.disk.withLock { $0.nodes[node].current.count } }
}

final class CrashableLock: FileLock {
    private let system: CrashableFileSystem
    private let path: String

    init(_ system: CrashableFileSystem, path: String) {
        self.system = system
        self.path = path
    }

    deinit { release() }

    func release() { system.disk.withLock { _ = $0.locks.remove(path) } }
}
