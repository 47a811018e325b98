import Bytes
import Records
import Segments

/// A segment's bytes, read in place.
struct OpenSegment: Sendable {
    private static let magic: UInt64 = 0x314D_4745_5342_4C50
    let blocks: [EncodedBlock]

    init(_ bytes: SharedBytes, file: String) throws(CorruptionError) {
        let end = bytes.count - 20
        guard end >= 0, bytes.bytes.loadUInt64(at: end + 12) == Self.magic else {
            throw CorruptionError("no segment", offset: max(0, end), file: file)
        }
        let count = Int(bytes.bytes.loadUInt32(at: end + 4))
        let start = end - count * 8
        guard start >= 0, bytes.bytes.loadUInt32(at: end) == crc32c(bytes.bytes.slice(start, count * 8)) else {
            throw CorruptionError("segment footer", offset: max(0, start), file: file)
        }
        var blocks: [EncodedBlock] = []
        for index in 0..<count {
            blocks.append(
                try EncodedBlock(bytes, at: Int(bytes.bytes.loadUInt64(at: start + index * 8)), file: file))
        }
        self.blocks = blocks
    }

    func blocks(withIdentifier id: ByteString) -> [EncodedBlock] { blocks.filter { $0.mayContain(identifier: id) } }

    var rowCount: Int { blocks.reduce(0) { $0 + $1.rowCount } }

    func verify() throws { for block in blocks { try block.verify() } }

    static func write(_ blocks: [any ColumnBlock], to sink: (RawSpan) throws -> Void) throws {
        var all = RecordBatch()
        for block in blocks { all.append(try RecordBatch(block)) }
        let order = all.times.indices.sorted { (all.times[$0], $0) < (all.times[$1], $1) }.map { UInt32($0) }
        var offset = 0
        var footer = ByteWriter()
        for start in stride(from: 0, to: order.count, by: Limits.rowsPerBlock) {
            let rows = Array(order[start..<min(order.count, start + Limits.rowsPerBlock)])
            let bytes = BlockEncoder(effort: .seal).encode(all, order: rows).bytes
            footer.write(UInt64(offset))
            try sink(bytes.rawSpan)
            offset += bytes.count
        }
        let sum = crc32c(footer.bytes.rawSpan)
        let count = footer.count / 8
        footer.write(sum)
        footer.write(UInt32(count))
        footer.write(UInt32(0))
        footer.write(Self.magic)
        try sink(footer.bytes.rawSpan)
    }
}
