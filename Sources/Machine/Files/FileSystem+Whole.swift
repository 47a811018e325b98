import Bytes

extension FileSystem {
    /// All bytes of a file. O(size).
    public func readAll(_ path: String) throws(FileError) -> [UInt8] {
        let file = try open(path, .read)
        return try file.read(at: 0, count: file.size())
    }

    /// Replaces a file's contents so that a crash leaves the old or the new, whole: writes `path.new`, syncs it,
    /// renames it, syncs the folder. O(size).
    public func replace(_ path: String, with bytes: RawSpan) throws(FileError) {
        let temporary = path + ".new"
        if exists(temporary) { try remove(temporary) }
        let file = try open(temporary, .createNew)
        try file.write(bytes, at: 0)
        try file.sync()
        try rename(temporary, to: path)
        try syncDirectory(parentDirectory(of: path))
    }
}

/// The folder that holds `path`: everything before the last `/`; `.` for a bare name, `/` for a name at the root.
public func parentDirectory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last component of `path`.
public func lastComponent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
}
