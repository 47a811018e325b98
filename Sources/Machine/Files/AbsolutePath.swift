import Glibc

extension RealFileSystem {
    /// The path from the root, links and dots in its folder resolved; the last component is kept as it is, so that a
    /// link goes on naming whatever it will point to. `.notFound` if the folder is missing.
    public func absolutePath(_ path: String) throws(FileError) -> String {
        let folder = parentDirectory(of: path)
        // The path is a valid C string for the length of the call; the answer is a fresh C string of ours.
        guard let resolved = unsafe realpath(folder, nil) else { throw FileError(errno: errno, "look at", folder) }
        defer { unsafe free(resolved) }
        let absolute = unsafe String(cString: resolved)
        return (absolute == "/" ? "" : absolute) + "/" + lastComponent(of: path)
    }
}
