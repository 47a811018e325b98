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

extension RealFileSystem {
    /// The identity and the size in bytes of the file that now has the name. Links are followed.
    public func identity(of path: String) throws(FileError) -> (identity: FileIdentity, size: Int) {
        var status = stat()
        // The path is a valid C string and the answer valid for the length of the call.
        if unsafe stat(path, &status) != 0 { throw FileError(errno: errno, "look at", path) }
        return (FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)), Int(status.st_size))
    }
}
