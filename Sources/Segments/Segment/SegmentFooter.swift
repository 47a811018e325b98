import Bytes
import Records

/// What stands at a segment's end: whose it is, what it holds and where its parts are.
///
/// `tenant 2 × u32 | rows varint | first time zigzag | last time - first time varint | raw bytes varint |
/// blocks varint | per block: length varint | indexes varint | per index: blocks varint, length varint, checksum u32`.
/// Version 1 has one index, as `offset varint | length varint | checksum u32` in their place.
struct SegmentFooter: Sendable {
    static let headMagic: UInt64 = 0x3147_4553_424D_4C50  // "PLMBSEG1"
    static let tailMagic: UInt64 = 0x444E_4547_4553_4C50  // "PLSEGEND"
    /// 3, 5, 6, 9 and 10 were left out: one flipped bit would make them another that is read as well.
    static let version: UInt32 = 11
    /// Versions that can be read.
    static let versions: Set<UInt32> = [1, 2, 4, 7, 8, 11]
    /// Magic and version; the first block follows.
    static let headLength = 12
    /// Footer length, footer checksum, magic.
    static let tailLength = 16

    var tenant: Tenant
    var rowCount: Int
    var timeRange: ClosedRange<Int64>
    /// Bytes of all values as they came, `_time` not among them.
    var rawBytes: Int
    var blockLengths: [Int]
    /// One behind the other, together over all blocks.
    var indexes: [Index]

    /// An identifier index over a run of the blocks: what a segment brought along into a merged one.
    struct Index: Sendable {
        var blocks: Range<Int>
        /// From the segment's first byte.
        var section: BlockSection
    }

    static func writeHead(to writer: inout ByteWriter) {
        writer.write(headMagic)
        writer.write(version)
    }

    /// Footer and tail.
    func write(to writer: inout ByteWriter) {
        var body = ByteWriter()
        body.write(tenant.account)
        body.write(tenant.project)
        body.writeVarint(rowCount)
        body.writeZigzag(timeRange.lowerBound)
        body.writeVarint(UInt64(bitPattern: timeRange.upperBound &- timeRange.lowerBound))
        body.writeVarint(rawBytes)
        body.writeVarint(blockLengths.count)
        for length in blockLengths { body.writeVarint(length) }
        body.writeVarint(indexes.count)
        for index in indexes {
            body.writeVarint(index.blocks.count)
            body.writeVarint(index.section.length)
            body.write(index.section.checksum)
        }
        writer.write(body.bytes)
        writer.write(UInt32(body.count))
        writer.write(crc32c(body.bytes.rawSpan))
        writer.write(Self.tailMagic)
    }

    init(
        tenant: Tenant, rowCount: Int, timeRange: ClosedRange<Int64>, rawBytes: Int, blockLengths: [Int] = [],
        indexes: [Index] = []
    ) {
        self.tenant = tenant
        self.rowCount = rowCount
        self.timeRange = timeRange
        self.rawBytes = rawBytes
        self.blockLengths = blockLengths
        self.indexes = indexes
    }

    /// Reads head, tail and footer of a whole segment and checks that its parts fill it without gaps.
    init(_ segment: RawSpan) throws(CorruptionError) {
        let count = segment.byteCount
        guard count >= Self.headLength + Self.tailLength else {
            throw CorruptionError("segment is cut short", offset: count)
        }
        guard segment.loadUInt64(at: 0) == Self.headMagic else { throw CorruptionError("no segment", offset: 0) }
        let version = segment.loadUInt32(at: 8)
        guard Self.versions.contains(version) else {
            throw CorruptionError("segment version \(version), which this program does not know", offset: 8)
        }
        guard segment.loadUInt64(at: count - 8) == Self.tailMagic else {
            throw CorruptionError("segment without its end", offset: count - 8)
        }
        let length = Int(segment.loadUInt32(at: count - 16))
        let start = count - Self.tailLength - length
        guard start >= Self.headLength else { throw CorruptionError("footer length \(length)", offset: count - 16) }
        let body = segment.slice(start, length)
        guard crc32c(body) == segment.loadUInt32(at: count - 12) else {
            throw CorruptionError("footer checksum", offset: start)
        }
        var reader = ByteReader(segment.slice(0, start + length), at: start)
        tenant = Tenant(account: try reader.readUInt32(), project: try reader.readUInt32())
        rowCount = try reader.readCount(limit: Int.max)
        let first = try reader.readZigzag()
        let last = first &+ Int64(bitPattern: try reader.readVarint())
        guard first <= last else { throw CorruptionError("time range", offset: reader.offset) }
        timeRange = first...last
        rawBytes = try reader.readCount(limit: Int.max)
        let blocks = try reader.readCount(limit: count)
        var lengths: [Int] = []
        var end = Self.headLength
        for _ in 0..<blocks {
            lengths.append(try reader.readCount(limit: start - end))
            end += lengths[lengths.count - 1]
        }
        blockLengths = lengths
        indexes =
            version == 1
            ? [try Self.readSingleIndex(&reader, blocks: blocks, limit: start)]
            : try Self.readIndexes(&reader, from: end, to: start)
        for index in indexes {
            guard index.section.offset == end else {
                throw CorruptionError("segment parts do not fill it", offset: reader.offset)
            }
            end += index.section.length
        }
        guard end == start, indexes.last?.blocks.upperBound == blocks, reader.remaining == 0 else {
            throw CorruptionError("segment parts do not fill it", offset: reader.offset)
        }
    }

    private static func readSingleIndex(
        _ reader: inout ByteReader, blocks: Int, limit: Int
    ) throws(CorruptionError) -> Index {
        let offset = try reader.readCount(limit: limit)
        let length = try reader.readCount(limit: limit - offset)
        let section = BlockSection(offset: offset, length: length, checksum: try reader.readUInt32())
        return Index(blocks: 0..<blocks, section: section)
    }

    private static func readIndexes(
        _ reader: inout ByteReader, from start: Int, to end: Int
    ) throws(CorruptionError) -> [Index] {
        let count = try reader.readCount(limit: end)
        var indexes: [Index] = []
        var offset = start
        var block = 0
        for _ in 0..<count {
            let blocks = try reader.readCount(limit: end)
            let length = try reader.readCount(limit: end - offset)
            let section = BlockSection(offset: offset, length: length, checksum: try reader.readUInt32())
            indexes.append(Index(blocks: block..<(block + blocks), section: section))
            offset += length
            block += blocks
        }
        return indexes
    }
}
