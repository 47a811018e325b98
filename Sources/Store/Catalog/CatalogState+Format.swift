import Bytes
import Records

extension CatalogState {
    private static let magic = Array("PLUMBCAT".utf8)
    private static let version: UInt32 = 1
    /// Segments and agents that a catalog may list, so that no count from disk sizes an allocation unchecked.
    private static let maximumEntries = 10_000_000

    /// Magic, version, body, CRC32C of all before it; `Docs/Formats/Catalog.md` draws it. O(segments + agents).
    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256 + segments.count * 48 + marks.count * 32)
        writer.write(Self.magic)
        writer.write(Self.version)
        for number in [generation, sealedThrough.group, nextSegment, sealedBytes, mergedBytes, expiredRows] {
            writer.writeVarint(number)
        }
        writer.writeVarint(segments.count)
        for segment in segments {
            writer.writeVarint(segment.number)
            writer.writeVarint(UInt64(segment.tenant.account))
            writer.writeVarint(UInt64(segment.tenant.project))
            writer.writeZigzag(Int64(segment.day))
            for count in [segment.rows, segment.bytes, segment.rawBytes, segment.level] { writer.writeVarint(count) }
            writer.write(segment.timeRange.lowerBound)
            writer.write(segment.timeRange.upperBound)
        }
        writer.writeVarint(marks.count)
        for (agent, sequence) in marks.sorted(by: { $0.key < $1.key }) {
            writer.writeCounted(Array(agent.utf8))
            writer.writeVarint(sequence)
        }
        writer.write(crc32c(writer.bytes.rawSpan))
        return writer.bytes
    }

    init(encoded bytes: RawSpan) throws(CorruptionError) {
        guard bytes.byteCount >= 16, bytes.slice(0, 8).equals(Self.magic.rawSpan) else {
            throw CorruptionError("no catalog", offset: 0)
        }
        let end = bytes.byteCount - 4
        guard bytes.loadUInt32(at: end) == crc32c(bytes.slice(0, end)) else {
            throw CorruptionError("catalog checksum", offset: end)
        }
        var reader = ByteReader(bytes.slice(0, end), at: 8)
        let version = try reader.readUInt32()
        guard version == Self.version else {
            throw CorruptionError("catalog format \(version) is not known to this version", offset: 8)
        }
        self.init()
        generation = try reader.readVarint()
        sealedThrough.group = try reader.readVarint()
        nextSegment = try reader.readVarint()
        sealedBytes = try reader.readVarint()
        mergedBytes = try reader.readVarint()
        expiredRows = try reader.readVarint()
        for _ in 0..<(try reader.readCount(limit: Self.maximumEntries)) {
            segments.append(try Self.readSegment(&reader))
        }
        for _ in 0..<(try reader.readCount(limit: Self.maximumEntries)) {
            let agent = String(decoding: try reader.readCounted(), as: UTF8.self)
            marks[agent] = try reader.readVarint()
        }
        guard reader.remaining == 0 else { throw CorruptionError("catalog left over", offset: reader.offset) }
    }

    private static func readSegment(_ reader: inout ByteReader) throws(CorruptionError) -> SegmentEntry {
        let number = try reader.readVarint()
        let account = UInt32(try reader.readCount(limit: Int(UInt32.max)))
        let project = UInt32(try reader.readCount(limit: Int(UInt32.max)))
        let day = Int(try reader.readZigzag())
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(try reader.readCount(limit: Int.max)) }
        let start = reader.offset
        let first = try reader.readInt64()
        let last = try reader.readInt64()
        guard first <= last else { throw CorruptionError("segment time range", offset: start) }
        return SegmentEntry(
            number: number, tenant: Tenant(account: account, project: project), day: day, rows: counts[0],
            bytes: counts[1], rawBytes: counts[2], timeRange: first...last, level: counts[3])
    }
}
