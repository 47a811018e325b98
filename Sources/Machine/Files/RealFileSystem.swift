import Bytes
import Glibc

/// The operating system's files.
public struct RealFileSystem: FileSystem {
    public init() {}

    public func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        return RealFile(try openDescriptor(path, flags), path: path)
    }

    public func createDirectory(_ path: String) throws(FileError) {
        if isDirectory(path) { return }
        let parent = parentDirectory(of: path)
        if parent != path { try createDirectory(parent) }
        // The path is a valid C string for the length of the call.
        if unsafe mkdir(path, 0o755) != 0 && errno != EEXIST {
            throw FileError(errno: errno, "create", path)
        }
        if !isDirectory(path) { throw FileError(.isNoFolder, "create", path) }
    }

    public func list(_ directory: String) throws(FileError) -> [String] {
        // The path is a valid C string for the length of the call.
        guard let stream = unsafe opendir(directory) else { throw FileError(errno: errno, "list", directory) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        // readdir's answer stays valid until the next call on this stream, which nobody else holds.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // d_name is NUL terminated and lies wholly inside the entry.
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw FileError(errno: errno, "list", directory) }
        return names.sorted()
    }

    public func rename(_ path: String, to target: String) throws(FileError) {
        // Both paths are valid C strings for the length of the call; likewise below.
        if unsafe Glibc.rename(path, target) != 0 { throw FileError(errno: errno, "rename", path) }
    }

    public func link(_ path: String, to target: String) throws(FileError) {
        if unsafe Glibc.link(path, target) != 0 { throw FileError(errno: errno, "link", target) }
    }

    public func remove(_ path: String) throws(FileError) {
        if unsafe Glibc.remove(path) != 0 { throw FileError(errno: errno, "remove", path) }
    }

    public func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = try openDescriptor(path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw FileError(errno: errno, "sync", path) }
    }

    public func map(_ path: String) throws(FileError) -> SharedBytes {
        let file = RealFile(try openDescriptor(path, O_RDONLY), path: path)
        let size = try file.size()
        if size == 0 { return SharedBytes([]) }
        // A fresh private read-only mapping that nobody else knows; MAP_FAILED is all ones.
        guard let start = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor, 0),
            UInt(bitPattern: start) != UInt.max
        else { throw FileError(errno: errno, "map", path) }
        // The mapping outlives the descriptor and is taken down exactly once, by the last holder.
        guard let mapping = unsafe WatchedMapping(UnsafeRawBufferPointer(start: start, count: size)) else {
            unsafe munmap(start, size)
            throw FileError(errno: ENOMEM, "map", path)
        }
        return mapping.bytes
    }

    public func size(of path: String) throws(FileError) -> Int {
        Int(try status(path).st_size)
    }

    public func exists(_ path: String) -> Bool {
        // The path is a valid C string for the length of the call.
        unsafe access(path, F_OK) == 0
    }

    public func freeBytes(at path: String) throws(FileError) -> Int {
        var answer = statvfs()
        // The path and the answer are valid for the length of the call.
        if unsafe statvfs(path, &answer) != 0 { throw FileError(errno: errno, "measure", path) }
        return Int(answer.f_bavail) * Int(answer.f_frsize)
    }

    public func lock(_ path: String) throws(FileError) -> any FileLock {
        let file = RealFile(try openDescriptor(path, O_RDWR | O_CREAT), path: path)
        if flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK else { throw FileError(errno: errno, "lock", path) }
            let digits = try file.read(at: 0, count: 16).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            throw FileError(.locked(processID: Int32(String(decoding: digits, as: UTF8.self))), "lock", path)
        }
        try file.truncate(to: 0)
        try file.write(Array("\(getpid())\n".utf8).rawSpan, at: 0)
        return RealLock(file)
    }

    private func isDirectory(_ path: String) -> Bool {
        guard let answer = try? status(path) else { return false }
        return answer.st_mode & S_IFMT == S_IFDIR
    }

    private func status(_ path: String) throws(FileError) -> stat {
        var answer = stat()
        // The path and the answer are valid for the length of the call.
        if unsafe stat(path, &answer) != 0 { throw FileError(errno: errno, "examine", path) }
        return answer
    }

    private func openDescriptor(_ path: String, _ flags: Int32) throws(FileError) -> Int32 {
        while true {
            // The path is a valid C string for the length of the call.
            let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw FileError(errno: errno, "open", path) }
        }
    }
}
