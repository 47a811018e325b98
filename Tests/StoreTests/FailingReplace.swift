import Bytes
import Machine

/// A real disk on which no backup's catalog can be put in place.
struct FailingReplace: FileSystem {
    private let base: any FileSystem

    init(_ base: any FileSystem) { self.base = base }

    func rename(_ path: String, to target: String) throws(FileError) {
        if path.contains("/snapshots/") { throw FileError(.noSpace, "rename", path) }
        try base.rename(path, to: target)
    }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File { try base.open(path, mode) }
    func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }
    func list(_ directory: String) throws(FileError) -> [String] { try base.list(directory) }
    func link(_ path: String, to target: String) throws(FileError) { try base.link(path, to: target) }
    func remove(_ path: String) throws(FileError) { try base.remove(path) }
    func syncDirectory(_ path: String) throws(FileError) { try base.syncDirectory(path) }
    func map(_ path: String) throws(FileError) -> SharedBytes { try base.map(path) }
    func size(of path: String) throws(FileError) -> Int { try base.size(of: path) }
    func exists(_ path: String) -> Bool { base.exists(path) }
    func lock(_ path: String) throws(FileError) -> any FileLock { try base.lock(path) }
    func freeBytes(at path: String) throws(FileError) -> Int { try base.freeBytes(at: path) }
}
