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

    /// The name of a packing that is not read here, where the first bytes tell one; nil otherwise. O(1).
    public static func unreadable(_ bytes: RawSpan) -> String? {
        let magics: [(name: String, bytes: [UInt8])] = [
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), ("bzip2", [0x42, 0x5A, 0x68]), ("zip", [0x50, 0x4B, 3, 4]),
            ("7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), ("lzip", [0x4C, 0x5A, 0x49, 0x50, 1]),
            ("compress", [0x1F, 0x9D]), ("snappy", [0xFF, 6, 0, 0, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59]),
        ]
        let found = magics.first {
            bytes.byteCount >= $0.bytes.count && bytes.slice(0, $0.bytes.count).equals($0.bytes.rawSpan)
        }
        guard let found else { return nil }
        // Text may begin with `BZh`; a block of bzip2 or its end follows a digit.
        if found.name == "bzip2" {
            guard bytes.byteCount >= 5, [0x31, 0x17].contains(bytes[4]) else { return nil }
        }
        return found.name
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
