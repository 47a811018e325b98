import Bytes
import Formats
import Glibc
import Machine

/// What a command reads: a file by its path, a pipe by its path, or `-` for standard input.
struct Input {
    private let path: String
    private let file: (any File)?
    /// Of a pipe or standard input, which can only be read on.
    private let stream: Int32
    private var offset = 0

    /// Bytes read at a time.
    static let chunkBytes = 1 << 20
    /// Bytes of one packed file, unpacked, at most: it is held in memory.
    private static let unpackedBytes = 16 << 30

    init(_ path: String) throws {
        self.path = path
        do {
            if path == "-" {
                file = nil
                stream = STDIN_FILENO
            } else if Self.isStream(path) {
                file = nil
                // The path is a valid C string for the length of the call. The process ends with what it reads.
                stream = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
                if stream < 0 { throw CommandFailure.failed("open \(path): \(FileError.text(of: errno))") }
            } else {
                file = try RealFileSystem().open(path, .read)
                stream = -1
            }
        } catch let error as FileError {
            throw CommandFailure.failed("\(error)")
        }
    }

    /// Whether the path names a pipe or a terminal, such as a shell's `<(…)`.
    private static func isStream(_ path: String) -> Bool {
        var found = stat()
        // The path is a valid C string, and `found` is filled, for the length of the call.
        guard unsafe stat(path, &found) == 0 else { return false }
        return [S_IFIFO, S_IFCHR, S_IFSOCK].contains(found.st_mode & S_IFMT)
    }

    /// How a file's beginning says that it is packed; an error that names a packing which is not read.
    static func compression(_ beginning: [UInt8], _ path: String) throws -> Compression {
        if let name = Compression.unreadable(beginning.rawSpan) {
            throw CommandFailure.failed("\(path): packed with \(name), which is not read; unpack it first")
        }
        return Compression.detect(beginning.rawSpan)
    }

    /// Bytes of the file, nil for pipes and standard input.
    var size: Int? { file.flatMap { try? $0.size() } }

    /// The next bytes, empty at the end.
    mutating func next() throws -> [UInt8] {
        guard let file else { return try readStream() }
        let bytes = try file.read(at: offset, count: Self.chunkBytes)
        offset += bytes.count
        return bytes
    }

    /// All bytes.
    static func all(_ path: String) throws -> [UInt8] {
        var input = try Input(path)
        var bytes: [UInt8] = []
        while true {
            let chunk = try input.next()
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
    }

    /// The same, unpacked if it is gzip, zstd or lz4.
    static func unpacked(_ path: String) throws -> [UInt8] {
        let bytes = try all(path)
        let compression = try compression(bytes, path)
        guard compression != .none else { return bytes }
        var output: [UInt8] = []
        var piece: [UInt8] = []
        do {
            var decompressor = try Decompressor(compression, outputLimit: unpackedBytes)
            decompressor.feed(bytes.rawSpan)
            while try decompressor.next(into: &piece) { output += piece }
            try decompressor.finish()
        } catch {
            throw CommandFailure.failed("\(path): \(error)")
        }
        return output
    }

    private func readStream() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.chunkBytes)
        while true {
            // The array is as long as the count given.
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(stream, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw CommandFailure.failed("read \(path): \(FileError.text(of: errno))") }
            bytes.removeLast(bytes.count - count)
            return bytes
        }
    }
}
