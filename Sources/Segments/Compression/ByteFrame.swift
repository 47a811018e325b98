import Bytes

/// A run of bytes, compressed only where that pays:
/// `rawLength varint | method u8 | storedLength varint (compressed only) | bytes`.
///
/// A frame that is read a few bytes at a time is coded by frequencies alone (`RansFrame`) or, where what repeats tells
/// more, compressed in chunks, each by itself: its bytes are `storedLength varint a chunk (0: stored as it is) |
/// chunks`, a chunk being 8 KiB of content, the last one less.
enum ByteFrame {
    /// Content of one frame at most: above every block this code writes, below what would exhaust a machine.
    static let maximumLength = 1 << 28

    private enum Method: UInt8 {
        case stored = 0
        case lz4 = 1
        case zstd = 2
        case chunks = 3
        case frequencies = 4
    }

    /// Small enough that reading one row costs little, large enough that a chunk's own tables do not show.
    private static let chunkLength = 8 << 10

    /// Below these lengths the frame's own overhead eats the gain.
    private static let lz4Floor = 64 << 10
    private static let zstdFloor = 40

    /// `level` is zstd's, for sealing: 1 for what is entropy alone, 3 for texts.
    static func write(_ bytes: RawSpan, effort: EncodingEffort, level: Int32 = 1, to writer: inout ByteWriter) {
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
                let packed = ZstdContexts.shared.compress(bytes, level: level)
                if level == 1, let coded = coded(bytes, below: min(packed.count, wanted)) {
                    return writeCompressed(coded, .frequencies, to: &writer)
                }
                if packed.count < wanted { return writeCompressed(packed, .zstd, to: &writer) }
            }
        case .packed: break
        }
        writer.write(Method.stored.rawValue)
        writer.write(bytes)
    }

    /// The bytes by their frequencies, if they take less than `limit` that way.
    private static func coded(_ bytes: RawSpan, below limit: Int) -> [UInt8]? {
        guard let plan = RansFrame.Plan(bytes), plan.estimatedBytes < limit else { return nil }
        let coded = RansFrame.encode(bytes, plan)
        return coded.count < limit ? coded : nil
    }

    /// The same for bytes of which a lookup will want a few.
    static func writeChunks(_ bytes: RawSpan, effort: EncodingEffort = .seal, to writer: inout ByteWriter) {
        guard effort == .seal, bytes.byteCount > chunkLength else { return write(bytes, effort: effort, to: &writer) }
        precondition(bytes.byteCount <= maximumLength)
        // What the middle gains, all will about: ranks are sorted by how much they tell.
        let middle = (bytes.byteCount - chunkLength) / 2
        let sample = ZstdContexts.shared.compress(bytes.slice(middle, chunkLength), level: 1)
        let expected = min(sample.count, chunkLength) * bytes.byteCount / chunkLength
        if let coded = coded(bytes, below: min(expected, bytes.byteCount - bytes.byteCount / 24)) {
            writer.writeVarint(bytes.byteCount)
            return writeCompressed(coded, .frequencies, to: &writer)
        }
        var lengths = ByteWriter()
        var chunks = ByteWriter(capacity: bytes.byteCount / 2)
        var gains = false
        for start in stride(from: 0, to: bytes.byteCount, by: chunkLength) {
            let chunk = bytes.slice(start, min(chunkLength, bytes.byteCount - start))
            let packed = ZstdContexts.shared.compress(chunk, level: 1)
            if packed.count < chunk.byteCount - chunk.byteCount / 24 {
                gains = true
                lengths.writeVarint(packed.count)
                chunks.write(packed)
            } else {
                lengths.writeVarint(0)
                chunks.write(chunk)
            }
        }
        guard gains else { return writeStored(bytes, to: &writer) }
        writer.writeVarint(bytes.byteCount)
        writer.write(Method.chunks.rawValue)
        writer.writeVarint(lengths.count + chunks.count)
        writer.write(lengths.bytes)
        writer.write(chunks.bytes)
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
        do throws(CorruptionError) {
            switch method {
            case .lz4: return try LZ4.decompress(packed, length: length)
            case .chunks: return try readChunks(packed, length: length, 0..<length)
            case .frequencies: return try RansFrame.Layout(packed, count: length).bytes(packed, 0..<length).bytes
            default: return try ZstdContexts.shared.decompress(packed, length: length)
            }
        } catch {
            throw CorruptionError(error.reason, offset: start + error.offset)
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

    /// The content of the chunks that hold a range of the whole content, from the start of the first of them.
    private static func readChunks(
        _ packed: RawSpan, length: Int, _ range: Range<Int>
    ) throws(CorruptionError) -> [UInt8] {
        var reader = ByteReader(packed)
        let count = (length + chunkLength - 1) / chunkLength
        var lengths: [Int] = []
        for _ in 0..<count { lengths.append(try reader.readCount(limit: packed.byteCount)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(length, range.count + 2 * chunkLength))
        for (index, stored) in lengths.enumerated() {
            let start = index * chunkLength
            let own = min(chunkLength, length - start)
            let chunk = try reader.readSpan(stored == 0 ? own : stored)
            guard start < range.upperBound, start + own > range.lowerBound else { continue }
            if stored == 0 {
                bytes.append(copying: chunk)
            } else {
                bytes.append(contentsOf: try ZstdContexts.shared.decompress(chunk, length: own))
            }
        }
        guard reader.remaining == 0 else { throw CorruptionError("chunks left over", offset: reader.offset) }
        return bytes
    }

    /// Hands the frame's `length` bytes over, not copied where they are stored uncompressed; the reader moves behind
    /// it.
    static func withBytes(
        _ reader: inout ByteReader, length: Int, _ body: (RawSpan) throws(CorruptionError) -> Void
    ) throws(CorruptionError) {
        try withBytes(&reader, length: length, 0..<length) { bytes, _ throws(CorruptionError) in try body(bytes) }
    }

    /// The same for a range of the frame's bytes: what is handed over begins at the offset that comes with it, and
    /// holds the range at least. Of a frame in chunks, only the chunks of the range are read.
    static func withBytes(
        _ reader: inout ByteReader, length: Int, _ range: Range<Int>,
        _ body: (RawSpan, Int) throws(CorruptionError) -> Void
    ) throws(CorruptionError) {
        let start = reader.offset
        var peek = reader
        let known = try peek.readCount(limit: maximumLength)
        guard known == length else {
            throw CorruptionError("frame of \(known) bytes where \(length) belong", offset: start)
        }
        switch Method(rawValue: try peek.readUInt8()) {
        case .stored:
            try body(try peek.readSpan(length), 0)
            reader = peek
        case .chunks:
            let storedLength = try peek.readCount(limit: peek.remaining)
            let bytes = try readChunks(try peek.readSpan(storedLength), length: length, range)
            try body(bytes.rawSpan, range.lowerBound / chunkLength * chunkLength)
            reader = peek
        case .frequencies:
            let storedLength = try peek.readCount(limit: peek.remaining)
            let packed = try peek.readSpan(storedLength)
            let (bytes, first) = try RansFrame.Layout(packed, count: length).bytes(packed, range)
            try body(bytes.rawSpan, first)
            reader = peek
        default:
            let bytes = try read(&reader)
            try body(bytes.rawSpan, 0)
        }
    }

    /// The bytes at some places (ascending) of a frame of `length`; the reader moves behind it. O(places + the parts of
    /// the frame that hold them).
    static func gather(
        _ reader: inout ByteReader, length: Int, at places: [Int]
    ) throws(CorruptionError) -> [UInt8] {
        var some: [UInt8] = []
        guard let first = places.first, let last = places.last else {
            try skip(&reader)
            return some
        }
        var peek = reader
        if try peek.readCount(limit: maximumLength) == length, try peek.readUInt8() == Method.frequencies.rawValue {
            let storedLength = try peek.readCount(limit: peek.remaining)
            let packed = try peek.readSpan(storedLength)
            some = try RansFrame.Layout(packed, count: length).bytes(packed, at: places)
            reader = peek
            return some
        }
        some.reserveCapacity(places.count)
        try withBytes(&reader, length: length, first..<(last + 1)) { bytes, start in
            for place in places { some.append(bytes[place - start]) }
        }
        return some
    }

    /// Moves behind a frame.
    static func skip(_ reader: inout ByteReader) throws(CorruptionError) {
        let length = try reader.readCount(limit: maximumLength)
        let isStored = try reader.readUInt8() == Method.stored.rawValue
        try reader.skip(isStored ? length : try reader.readCount(limit: reader.remaining))
    }
}
