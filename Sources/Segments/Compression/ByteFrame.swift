import Bytes

/// A run of bytes, compressed only where that pays:
/// `rawLength varint | method u8 | storedLength varint (compressed only) | bytes`.
enum ByteFrame {
    /// Content of one frame at most: above every block this code writes, below what would exhaust a machine.
    static let maximumLength = 1 << 28

    private enum Method: UInt8 {
        case stored = 0
        case lz4 = 1
        case zstd = 2
    }

    /// Below these lengths the frame's own overhead eats the gain.
    private static let lz4Floor = 96
    private static let zstdFloor = 40

    static func write(_ bytes: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter) {
        precondition(bytes.byteCount <= maximumLength)
        writer.writeVarint(bytes.byteCount)
        let wanted = bytes.byteCount - bytes.byteCount / 24
        switch effort {
        case .commit:
            if bytes.byteCount >= lz4Floor, let packed = LZ4.compress(bytes), packed.count < wanted {
                return writeCompressed(packed, .lz4, to: &writer)
            }
        case .seal:
            if bytes.byteCount >= zstdFloor {
                let packed = ZstdContexts.shared.compress(bytes, level: 1)
                if packed.count < wanted { return writeCompressed(packed, .zstd, to: &writer) }
            }
        }
        writer.write(Method.stored.rawValue)
        writer.write(bytes)
    }

    private static func writeCompressed(_ packed: [UInt8], _ method: Method, to writer: inout ByteWriter) {
        writer.write(method.rawValue)
        writer.writeVarint(packed.count)
        writer.write(packed)
    }

    /// Writes the bytes uncompressed, where the caller knows that nothing would be gained.
    static func writeStored(_ bytes: RawSpan, to writer: inout ByteWriter) {
        precondition(bytes.byteCount <= maximumLength)
        writer.writeVarint(bytes.byteCount)
        writer.write(Method.stored.rawValue)
        writer.write(bytes)
    }

    static func read(_ reader: inout ByteReader) throws(CorruptionError) -> [UInt8] {
        let length = try reader.readCount(limit: maximumLength)
        let code = try reader.readUInt8()
        guard let method = Method(rawValue: code) else {
            throw CorruptionError("compression method \(code)", offset: reader.offset - 1)
        }
        guard method != .stored else { return try reader.readBytes(length) }
        let storedLength = try reader.readCount(limit: reader.remaining)
        let start = reader.offset
        let packed = try reader.readSpan(storedLength)
        do {
            switch method {
            case .lz4: return try LZ4.decompress(packed, length: length)
            default: return try ZstdContexts.shared.decompress(packed, length: length)
            }
        } catch {
            throw CorruptionError(error.reason, offset: start)
        }
    }

    /// A frame that must hold `length` bytes.
    static func read(_ reader: inout ByteReader, length: Int) throws(CorruptionError) -> [UInt8] {
        let start = reader.offset
        let bytes = try read(&reader)
        guard bytes.count == length else {
            throw CorruptionError("frame of \(bytes.count) bytes where \(length) belong", offset: start)
        }
        return bytes
    }

    /// Hands the frame's `length` bytes over, not copied where they are stored uncompressed; the reader moves behind
    /// it.
    static func withBytes(
        _ reader: inout ByteReader, length: Int, _ body: (RawSpan) throws(CorruptionError) -> Void
    ) throws(CorruptionError) {
        let start = reader.offset
        var peek = reader
        let known = try peek.readCount(limit: maximumLength)
        guard known == length else {
            throw CorruptionError("frame of \(known) bytes where \(length) belong", offset: start)
        }
        if try peek.readUInt8() == Method.stored.rawValue {
            try body(try peek.readSpan(length))
            reader = peek
        } else {
            let bytes = try read(&reader)
            try body(bytes.rawSpan)
        }
    }

    /// Moves behind a frame.
    static func skip(_ reader: inout ByteReader) throws(CorruptionError) {
        let length = try reader.readCount(limit: maximumLength)
        let isStored = try reader.readUInt8() == Method.stored.rawValue
        try reader.skip(isStored ? length : try reader.readCount(limit: reader.remaining))
    }
}
