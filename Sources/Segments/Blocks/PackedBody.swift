import Bytes
import Records
import Synchronization

/// The sections of a small block, compressed as a whole: columns of a few rows cost more in their own frames than they
/// hold, and what one column says often stands in another one too.
enum PackedBody {
    /// Uncompressed; reading any section reads them all.
    static let longest = 1 << 20

    /// The strongest level that is worth its time: what is packed is small.
    private static let level: Int32 = 19

    static func compress(_ body: [UInt8]) -> [UInt8] { ZstdContexts.shared.compress(body.rawSpan, level: level) }

    /// Bodies that were read last, by the number of the bytes that hold the block and its offset in them.
    private struct Key: Hashable {
        var source: UInt64
        var offset: Int
    }

    private struct Kept: Sendable {
        var bodies: [Key: SharedBytes] = [:]
        /// First kept first.
        var order: [Key] = []
        var bytes = 0
    }

    private static let kept = Mutex(Kept())

    /// The sections of the block at `offset` of `bytes`. Its checksum is checked when it is read from there. O(block),
    /// or O(1) if it was read lately.
    static func read(
        _ bytes: SharedBytes, at offset: Int, _ header: BlockHeader, _ packing: BlockHeader.Packing
    ) throws(CorruptionError) -> SharedBytes {
        let key = Key(source: bytes.number, offset: offset)
        if let known = kept.withLock({ $0.bodies[key] }) { return known }
        let frame = bytes.bytes.slice(offset + header.headLength, packing.length)
        guard crc32c(frame) == packing.checksum else { throw CorruptionError("packed block checksum", offset: 0) }
        let body = SharedBytes(try ZstdContexts.shared.decompress(frame, length: header.bodyLength))
        kept.withLock { kept in
            guard kept.bodies.updateValue(body, forKey: key) == nil else { return }
            kept.order.append(key)
            kept.bytes += body.count
            while kept.bytes > Limits.unpackedBlockBytes, kept.order.count > 1 {
                let oldest = kept.order.removeFirst()
                kept.bytes -= kept.bodies.removeValue(forKey: oldest)?.count ?? 0
            }
        }
        return body
    }
}
