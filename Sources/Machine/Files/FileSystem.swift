import Bytes

/// The only door to files. Two implementations behave alike: `RealFileSystem`, and `CrashableFileSystem`, which tests
/// make fail, fill up and lose power.
///
/// Nothing is durable before it is synced: bytes by `File.sync`, names by `syncDirectory` on the folder that holds
/// them.
public protocol FileSystem: Sendable {
    /// Opens a file; the file is closed when the last reference goes.
    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File
    /// Makes a folder and those above it that are missing. No error if it is there.
    func createDirectory(_ path: String) throws(FileError)
    /// Names of the entries of a folder, without `.` and `..`, in byte order.
    func list(_ directory: String) throws(FileError) -> [String]
    /// Atomically replaces what stood at `target`. Both must be in the same folder.
    func rename(_ path: String, to target: String) throws(FileError)
    /// Gives a file a second name; `.exists` if the name is taken.
    func link(_ path: String, to target: String) throws(FileError)
    /// Removes a file's name, or an empty folder.
    func remove(_ path: String) throws(FileError)
    /// Makes the names in a folder durable: files created, renamed, linked and removed there.
    func syncDirectory(_ path: String) throws(FileError)
    /// The file's bytes as they are now, read as they are touched. Where the disk cannot read them then, or the file
    /// was cut short meanwhile, zeros stand, and `SharedBytes.losses` rises.
    func map(_ path: String) throws(FileError) -> SharedBytes
    /// Bytes of a file; `.notFound` if there is none.
    func size(of path: String) throws(FileError) -> Int
    func exists(_ path: String) -> Bool
    /// Takes an exclusive lock that ends with the process, and writes the process ID into the file for whoever is
    /// refused.
    func lock(_ path: String) throws(FileError) -> any FileLock
    /// Bytes that an ordinary process may still write on the disk that holds `path`.
    func freeBytes(at path: String) throws(FileError) -> Int
}

public enum FileMode: Sendable {
    /// The file must exist.
    case read
    /// Reads and writes; created if missing, its contents kept.
    case readWrite
    /// Reads and writes a file that must not exist yet.
    case createNew
}

/// An open file. Offsets are in bytes from its start.
public protocol File: AnyObject, Sendable {
    var path: String { get }
    /// Writes all of the bytes or throws; after an error any part of them may have been written.
    func write(_ bytes: RawSpan, at offset: Int) throws(FileError)
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8]
    /// Makes bytes and size durable (fdatasync). After an error no unsynced byte of this file may be relied on, even if
    /// a later `sync` succeeds.
    func sync() throws(FileError)
    func truncate(to size: Int) throws(FileError)
    func size() throws(FileError) -> Int
}

/// Held until released or dropped.
public protocol FileLock: AnyObject, Sendable {
    func release()
}
