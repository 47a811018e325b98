import Bytes
import Records
import Traces

/// The identifiers of a block, as keys, while it is encoded. Some may come more than once.
struct IdentifierCollector {
    private var hasher = IdentifierHasher()
    private(set) var keys: [UInt64] = []

    mutating func add(_ slices: [RecordBatch.Slice], _ arena: RawSpan) {
        var row = 0
        while row < slices.count {
            let rest = slices.rawSpan.slice(8 * row, 8 * (slices.count - row))
            let found = SliceKernels.identifierKeys(rest, arena)
            keys.append(contentsOf: found.keys)
            row += found.rows
            guard row < slices.count else { return }
            keys.append(hasher.key(arena.slice(Int(slices[row].offset), Int(slices[row].length))))
            row += 1
        }
    }

    /// Numbers are no identifiers, whatever their name.
    mutating func add(_ values: TypedValues) {
        guard case .hex(let hex) = values else { return }
        keys.append(contentsOf: FixedKernels.identifierKeys(hex.binary.rawSpan, digits: hex.digits))
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
