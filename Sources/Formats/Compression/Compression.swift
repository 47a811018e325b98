import Bytes

/// How a stream of bytes is packed.
public enum Compression: String, Sendable, CaseIterable {
    case none
    /// RFC 1952 (or zlib, RFC 1950), any number of members one behind the other.
    case gzip
    /// RFC 8878, any number of frames.
    case zstd
    /// The LZ4 frame format, any number of frames.
    case lz4

    /// Told by the first four bytes. O(1).
    public static func detect(_ bytes: RawSpan) -> Compression {
        guard bytes.byteCount >= 4 else { return .none }
        if bytes[0] == 0x1F && bytes[1] == 0x8B { return .gzip }
        switch bytes.loadUInt32(at: 0) {
        case 0xFD2F_B528: return .zstd
        case 0x184D_2204: return .lz4
        default: return .none
        }
    }

    /// What a `Content-Encoding` header says; nil for one that is not understood. Case does not matter.
    public init?(contentEncoding: String) {
        switch contentEncoding.lowercased() {
        case "", "identity": self = .none
        case "gzip", "x-gzip", "deflate": self = .gzip
        case "zstd": self = .zstd
        case "lz4": self = .lz4
        default: return nil
        }
    }
}

/// Why a stream was not unpacked.
public struct DecompressionError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The bytes are not of the format, or damaged; a checksum may have said so.
        case corrupt(String)
        /// The stream ends in the middle.
        case truncated
        /// It unpacks to more than the limit: a bomb, or a limit too small.
        case overLimit(bytes: Int)
        case outOfMemory
    }

    public var code: Code
    /// Bytes of packed input that had been read.
    public var offset: Int

    public var description: String {
        switch code {
        case .corrupt(let reason): "packed data is damaged at byte \(offset): \(reason)"
        case .truncated: "packed data ends in the middle, at byte \(offset)"
        case .overLimit(let bytes): "packed data holds more than \(bytes) bytes, seen at byte \(offset)"
        case .outOfMemory: "no memory to unpack with"
        }
    }
}
