import CKernels
import Glibc

/// Which file stands behind a name: it stays the same when the file is renamed, and is another one when the name is
/// given to a new file.
public struct FileIdentity: Hashable, Sendable {
    public var device: UInt64
    public var inode: UInt64

    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// What a file system says of a file.
public struct FileStatus: Sendable {
    public var identity: FileIdentity
    /// In bytes.
    public var size: Int
    /// When it was last written, in nanoseconds since 1970.
    public var modified: Int64
    /// When it was made, in nanoseconds since 1970; 0 where the file system does not keep that.
    public var birth: Int64
}

extension RealFileSystem {
    /// The status of the file that now has the name. Links are followed.
    public func status(of path: String) throws(FileError) -> FileStatus {
        var status = stat()
        // The path is a valid C string and the answer valid for the length of the call.
        if unsafe stat(path, &status) != 0 { throw FileError(errno: errno, "look at", path) }
        return FileStatus(
            identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
            size: Int(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            birth: unsafe plumb_file_birth(path))
    }

    /// The identity and the size in bytes of the file that now has the name. Links are followed.
    public func identity(of path: String) throws(FileError) -> (identity: FileIdentity, size: Int) {
        let status = try status(of: path)
        return (status.identity, status.size)
    }
}
