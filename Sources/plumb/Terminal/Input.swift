import Bytes
import Formats
import Glibc
import Machine

/// What a command reads: a file by its path, or `-` for standard input.
struct Input {
    private let path: String
    private let file: (any File)?
    private var offset = 0

    /// Bytes read at a time.
    static let chunkBytes = 1 << 20
    /// Bytes of one packed file, unpacked, at most: it is held in memory.
    private static let unpackedBytes = 16 << 30

    init(_ path: String) throws {
        self.path = path
        do {
            file = path == "-" ? nil : try RealFileSystem().open(path, .read)
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }

    /// Bytes of the file, nil for standard input.
    var size: Int? { file.flatMap { try? $0.size() } }

    /// The next bytes, empty at the end.
    mutating func next() throws -> [UInt8] {
        guard let file else { return readStandardInput() }
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
        let compression = Compression.detect(bytes.rawSpan)
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

    private func readStandardInput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.chunkBytes)
        while true {
            // The array is as long as the count given.
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            bytes.removeLast(bytes.count - max(0, count))
            return bytes
        }
    }
}
