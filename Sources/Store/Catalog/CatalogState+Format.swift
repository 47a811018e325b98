import Bytes
import Records

extension CatalogState {
    private static let magic = Array("PLUMBCAT".utf8)
    private static let version: UInt32 = 2
    /// Versions that can be read.
    private static let versions: ClosedRange<UInt32> = 1...2
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
        writer.writeVarint(deletedRows)
        writer.writeVarint(deletions.count)
        for deletion in deletions { Self.write(deletion, to: &writer) }
        writer.write(crc32c(writer.bytes.rawSpan))
        return writer.bytes
    }

    private static func write(_ deletion: Deletion, to writer: inout ByteWriter) {
        writer.writeVarint(deletion.number)
        writer.writeVarint(UInt64(deletion.tenant.account))
        writer.writeVarint(UInt64(deletion.tenant.project))
        writer.writeCounted(Array(deletion.filter.utf8))
        writer.write(deletion.acceptedAt)
        writer.writeVarint(deletion.through.group)
        writer.writeVarint(deletion.segments.count)
        var previous: UInt64 = 0
        for segment in deletion.segments.sorted() {
            writer.writeVarint(segment - previous)
            previous = segment
        }
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
        guard Self.versions.contains(version) else {
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
        if version >= 2 {
            deletedRows = try reader.readVarint()
            for _ in 0..<(try reader.readCount(limit: Self.maximumEntries)) {
                deletions.append(try Self.readDeletion(&reader))
            }
        }
        guard reader.remaining == 0 else { throw CorruptionError("catalog left over", offset: reader.offset) }
    }

    private static func readTenant(_ reader: inout ByteReader) throws(CorruptionError) -> Tenant {
        let account = UInt32(try reader.readCount(limit: Int(UInt32.max)))
        return Tenant(account: account, project: UInt32(try reader.readCount(limit: Int(UInt32.max))))
    }

    private static func readDeletion(_ reader: inout ByteReader) throws(CorruptionError) -> Deletion {
        var deletion = Deletion(
            number: try reader.readVarint(), tenant: try readTenant(&reader),
            filter: String(decoding: try reader.readCounted(), as: UTF8.self), acceptedAt: try reader.readInt64(),
            through: JournalPosition(group: try reader.readVarint()), segments: [])
        var segment: UInt64 = 0
        for _ in 0..<(try reader.readCount(limit: maximumEntries)) {
            segment &+= try reader.readVarint()
            deletion.segments.insert(segment)
        }
        return deletion
    }

    private static func readSegment(_ reader: inout ByteReader) throws(CorruptionError) -> SegmentEntry {
        let number = try reader.readVarint()
        let tenant = try readTenant(&reader)
        let day = Int(try reader.readZigzag())
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(try reader.readCount(limit: Int.max)) }
        let start = reader.offset
        let first = try reader.readInt64()
        let last = try reader.readInt64()
        guard first <= last else { throw CorruptionError("segment time range", offset: start) }
        return SegmentEntry(
            number: number, tenant: tenant, day: day, rows: counts[0], bytes: counts[1], rawBytes: counts[2],
            timeRange: first...last, level: counts[3])
    }
}
