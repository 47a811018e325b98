import Bytes
import Records
import Traces

/// The identifiers of a block, as keys, while it is encoded. Some may come more than once.
struct IdentifierCollector {
    private var hasher = IdentifierHasher()
    private(set) var keys: [UInt64] = []

    mutating func add(_ slices: [RecordBatch.Slice], _ arena: RawSpan) {
        keys.reserveCapacity(keys.count + slices.count)
        for slice in slices where slice.length > 0 {
            keys.append(hasher.key(arena.slice(Int(slice.offset), Int(slice.length))))
        }
    }

    /// Appends the filter over the keys; nil without keys.
    func writeFilter(to writer: inout ByteWriter) -> BlockSection? {
        guard !keys.isEmpty else { return nil }
        let start = writer.count
        BlockedBloom.write(keys, to: &writer)
        let length = writer.count - start
        return BlockSection(offset: start, length: length, checksum: crc32c(writer.bytes.rawSpan.slice(start, length)))
    }
}
