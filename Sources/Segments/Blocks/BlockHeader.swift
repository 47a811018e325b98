import Bytes
import Records

/// Where a part of a block stands, and its checksum.
struct BlockSection: Sendable, Equatable {
    /// From the block's first byte.
    var offset: Int
    var length: Int
    /// CRC-32C of the part.
    var checksum: UInt32
}

/// What the header of a block says: everything but the data. `Docs/Formats/Segment.md` draws it.
struct BlockHeader: Sendable {
    struct Column: Sendable {
        var name: ByteString
        var statistics: ColumnStatistics
        /// Whether its values are identifiers, by name or by shape.
        var isIdentifier = false
        var values: BlockSection
        /// The filter over the words of its values, where there is one.
        var words: BlockSection?
    }

    static let magic: UInt32 = 0x314B_4250  // "PBK1"
    /// Magic, header length and header checksum.
    static let prefixLength = 12
    static let maximumRows = 1 << 20
    static let maximumColumns = 1 << 16

    var rowCount: Int
    var timeRange: ClosedRange<Int64>
    var times: BlockSection
    var columns: [Column]
    /// The filter over the block's identifiers, where it has one of its own.
    var identifiers: BlockSection?
    /// Bytes of the whole block.
    var byteCount: Int
    /// Nil where the sections stand in the block as they are; else they are compressed as a whole, and their offsets
    /// are those that they would have otherwise.
    var packing: Packing?
    /// Bytes of prefix and header; 0 while writing.
    private(set) var headLength = 0
    /// Bytes of all sections; 0 while writing.
    private(set) var bodyLength = 0

    struct Packing: Sendable {
        /// Bytes that the sections take compressed.
        var length: Int
        /// Of these bytes.
        var checksum: UInt32
    }

    /// What the byte before the columns says of the block.
    private enum Kind {
        static let ownFilter: UInt8 = 1
        static let packed: UInt8 = 2
        static let known: UInt8 = 3
    }

    private enum Flag {
        static let integers: UInt8 = 1
        static let words: UInt8 = 2
        static let identifier: UInt8 = 4
        static let known: UInt8 = 7
    }

    /// Bytes that a section takes; its share of a packed body.
    func storedLength(of section: BlockSection) -> Int {
        guard let packing, bodyLength > 0 else { return section.length }
        return section.length * packing.length / bodyLength
    }

    // MARK: Writing

    /// The prefix and the header. Section offsets are not written: the sections stand one behind the other.
    func write(to writer: inout ByteWriter) {
        var body = ByteWriter(capacity: 64 + columns.count * 40)
        body.writeVarint(rowCount)
        body.writeZigzag(timeRange.lowerBound)
        body.writeVarint(UInt64(bitPattern: timeRange.upperBound &- timeRange.lowerBound))
        Self.write(times, to: &body)
        body.write((identifiers == nil ? 0 : Kind.ownFilter) | (packing == nil ? 0 : Kind.packed))
        if let identifiers { Self.write(identifiers, to: &body) }
        if let packing {
            body.writeVarint(packing.length)
            body.write(packing.checksum)
        }
        body.writeVarint(columns.count)
        for column in columns { Self.write(column, to: &body) }
        writer.write(Self.magic)
        writer.write(UInt32(body.count))
        writer.write(crc32c(body.bytes.rawSpan))
        writer.write(body.bytes)
    }

    private static func write(_ section: BlockSection, to writer: inout ByteWriter) {
        writer.writeVarint(section.length)
        writer.write(section.checksum)
    }

    private static func write(_ column: Column, to writer: inout ByteWriter) {
        let statistics = column.statistics
        writer.writeCounted(column.name.bytes)
        precondition(statistics.encoding.rawValue < 16 && statistics.valueEncoding.rawValue < 16)
        writer.write(statistics.encoding.rawValue | statistics.valueEncoding.rawValue << 4)
        writer.write(
            (statistics.integers == nil ? 0 : Flag.integers) | (column.words == nil ? 0 : Flag.words)
                | (column.isIdentifier ? Flag.identifier : 0))
        write(column.values, to: &writer)
        writer.writeVarint(statistics.missing)
        writer.writeVarint(statistics.distinct)
        writer.writeVarint(statistics.hexDigits)
        writer.writeVarint(statistics.rawBytes)
        if let integers = statistics.integers {
            writer.writeZigzag(integers.lowerBound)
            writer.writeVarint(UInt64(bitPattern: integers.upperBound &- integers.lowerBound))
        }
        if let words = column.words { write(words, to: &writer) }
    }

    // MARK: Reading

    /// Reads and checks the header of the block that begins the span; the block may be followed by other bytes.
    init(_ bytes: RawSpan) throws(CorruptionError) {
        var prefix = ByteReader(bytes)
        guard try prefix.readUInt32() == Self.magic else { throw CorruptionError("no block here", offset: 0) }
        let length = Int(try prefix.readUInt32())
        let checksum = try prefix.readUInt32()
        let body = try prefix.readSpan(length)
        guard crc32c(body) == checksum else { throw CorruptionError("block header checksum", offset: 8) }
        var reader = ByteReader(bytes.slice(0, Self.prefixLength + length), at: Self.prefixLength)
        var end = Self.prefixLength + length
        rowCount = try reader.readCount(limit: Self.maximumRows)
        let first = try reader.readZigzag()
        let last = first &+ Int64(bitPattern: try reader.readVarint())
        guard rowCount > 0, last >= first else { throw CorruptionError("rows or times", offset: reader.offset) }
        timeRange = first...last
        times = try Self.readSection(&reader, after: &end)
        let kind = try reader.readUInt8()
        guard kind & ~Kind.known == 0 else { throw CorruptionError("block kind \(kind)", offset: reader.offset - 1) }
        identifiers = kind & Kind.ownFilter == 0 ? nil : try Self.readSection(&reader, after: &end)
        if kind & Kind.packed != 0 {
            let length = try reader.readCount(limit: Int(UInt32.max))
            packing = Packing(length: length, checksum: try reader.readUInt32())
        }
        let count = try reader.readCount(limit: Self.maximumColumns)
        columns = []
        columns.reserveCapacity(count)
        for _ in 0..<count { columns.append(try Self.readColumn(&reader, rows: rowCount, after: &end)) }
        guard reader.remaining == 0 else { throw CorruptionError("block header left over", offset: reader.offset) }
        headLength = Self.prefixLength + length
        bodyLength = end - headLength
        byteCount = end
        if let packing { byteCount = headLength + packing.length }
        guard byteCount <= bytes.byteCount, packing == nil || bodyLength <= PackedBody.longest else {
            throw CorruptionError("block is cut short", offset: bytes.byteCount)
        }
    }

    init(
        rowCount: Int, timeRange: ClosedRange<Int64>, times: BlockSection, columns: [Column], identifiers: BlockSection?
    ) {
        self.rowCount = rowCount
        self.timeRange = timeRange
        self.times = times
        self.columns = columns
        self.identifiers = identifiers
        byteCount = 0
    }

    private static func readSection(
        _ reader: inout ByteReader, after end: inout Int
    ) throws(CorruptionError) -> BlockSection {
        let length = try reader.readCount(limit: Int(UInt32.max))
        let section = BlockSection(offset: end, length: length, checksum: try reader.readUInt32())
        end += length
        return section
    }

    private static func readColumn(
        _ reader: inout ByteReader, rows: Int, after end: inout Int
    ) throws(CorruptionError) -> Column {
        let name = ByteString(try reader.readCounted())
        let start = reader.offset
        let encodings = try reader.readUInt8()
        let flags = try reader.readUInt8()
        guard let outer = ColumnEncoding(rawValue: encodings & 15),
            let inner = ColumnEncoding(rawValue: encodings >> 4),
            flags & ~Flag.known == 0
        else { throw CorruptionError("column kind \(encodings), flags \(flags)", offset: start) }
        let values = try readSection(&reader, after: &end)
        var statistics = ColumnStatistics(outer)
        statistics.valueEncoding = inner
        statistics.missing = try reader.readCount(limit: rows)
        statistics.distinct = try reader.readCount(limit: rows + 1)
        statistics.hexDigits = try reader.readCount(limit: HexCodec.maximumDigits)
        statistics.rawBytes = try reader.readCount(limit: Int(UInt32.max) * 16)
        if flags & Flag.integers != 0 {
            let low = try reader.readZigzag()
            let high = low &+ Int64(bitPattern: try reader.readVarint())
            guard low <= high else { throw CorruptionError("integer range", offset: reader.offset) }
            statistics.integers = low...high
        }
        let words = flags & Flag.words == 0 ? nil : try readSection(&reader, after: &end)
        return Column(
            name: name, statistics: statistics, isIdentifier: flags & Flag.identifier != 0, values: values, words: words
        )
    }
}
