import Glibc

/// What the operating system, or a test disk, answered instead of doing what was asked.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        case notFound
        case exists
        /// The disk or the quota is full.
        case noSpace
        /// The device failed; after a failed `sync` the file's unsynced bytes are in an unknown state.
        case inputOutput
        case notPermitted
        /// Another process holds the lock.
        case locked(processID: Int32?)
        /// A folder where a file is wanted.
        case isFolder
        /// A file where a folder is wanted.
        case isNoFolder
        /// Any other `errno`.
        case other(Int32)
    }

    public var code: Code
    /// The operation in one word, such as `write`.
    public var operation: String
    public var path: String

    public init(_ code: Code, _ operation: String, _ path: String) {
        self.code = code
        self.operation = operation
        self.path = path
    }

    /// From `errno` as the failed call left it.
    init(errno number: Int32, _ operation: String, _ path: String) {
        let code: Code =
            switch number {
            case ENOENT: .notFound
            case EEXIST: .exists
            case ENOSPC, EDQUOT: .noSpace
            case EIO: .inputOutput
            case EACCES, EPERM, EROFS: .notPermitted
            case EISDIR: .isFolder
            case ENOTDIR: .isNoFolder
            default: .other(number)
            }
        self.init(code, operation, path)
    }

    public var description: String {
        let reason =
            switch code {
            case .notFound: "no such file or folder"
            case .exists: "it exists already"
            case .noSpace: "no space left on the disk"
            case .inputOutput: "input/output error of the disk"
            case .notPermitted: "not permitted"
            case .locked(let processID?): "locked by process \(processID)"
            case .locked(nil): "locked by another process"
            case .isFolder: "it is a folder"
            case .isNoFolder: "it is not a folder"
            case .other(let number): Self.text(of: number)
            }
        return "\(operation) \(path): \(reason)"
    }

    /// What the C library says of an error number.
    public static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            // Fills the buffer up to a zero, or answers that it cannot.
            guard unsafe strerror_r(number, buffer.baseAddress!, buffer.count) == 0 else { return "error \(number)" }
            return unsafe String(cString: buffer.baseAddress!)
        }
    }
}
