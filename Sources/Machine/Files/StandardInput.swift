import Glibc

/// The process's standard input.
public enum StandardInput {
    /// The next bytes, at most `count`; none at the end. Waits for the first one.
    public static func read(count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            // The array is as long as the count given.
            let got = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw FileError(errno: errno, "read", "standard input") }
            bytes.removeLast(count - got)
            return bytes
        }
    }
}
