import Bytes
import Records
import Synchronization

/// The sections of a small block, compressed as a whole: columns of a few rows cost more in their own frames than they
/// hold, and what one column says often stands in another one too.
enum PackedBody {
    /// Uncompressed; reading any section reads them all.
    static let longest = 1 << 20

    /// Up to so many rows the strongest level is worth its time, as there are few; beyond, rows are packed that say
    /// little, and half the time of sealing them would go into a twentieth of their bytes.
    private static let fewRows = 4096
    private static let levels: (few: Int32, many: Int32) = (19, 12)

    static func compress(_ body: [UInt8], rows: Int) -> [UInt8] {
        ZstdContexts.shared.compress(body.rawSpan, level: rows <= fewRows ? levels.few : levels.many)
    }

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
        let losses = bytes.losses
        guard crc32c(frame) == packing.checksum else {
            let isLost = bytes.losses != losses
            throw CorruptionError(isLost ? EncodedBlock.unreadable : "packed block checksum", offset: 0)
        }
        let body = SharedBytes(try ZstdContexts.shared.decompress(frame, length: header.bodyLength))
        guard bytes.losses == losses || crc32c(frame) == packing.checksum else {
            throw CorruptionError(EncodedBlock.unreadable, offset: 0)
        }
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
