import Bytes
import Records

/// Rows of one tenant in a commit group, encoded as one block.
public struct GroupEntry: Sendable {
    public var tenant: Tenant
    /// 0 for an entry that carries marks alone; it has no block bytes.
    public var rowCount: Int
    /// Bytes of the values as they came, before encoding.
    public var rawBytes: Int
    /// With the agents' names as their tenant knows them.
    public var marks: [SourceMark]
    /// Where the block stands in the group's payload.
    public var block: Range<Int>

    /// The marks under names that are unique among tenants.
    public var numberings: [SourceMark] { marks.map { $0.numbered(in: tenant) } }
}

/// A commit group's payload: a count, then each entry as tenant, marks, row count and block.
enum GroupPayload {
    /// Appends the head of an entry; the block's bytes follow it.
    static func writeHead(_ entry: EncodedEntry, to writer: inout ByteWriter) {
        writer.write(entry.tenant.account)
        writer.write(entry.tenant.project)
        writer.writeVarint(entry.marks.count)
        for mark in entry.marks {
            writer.writeCounted(Array(mark.agent.utf8))
            writer.writeVarint(mark.lastSequence)
        }
        writer.writeVarint(entry.rowCount)
        writer.writeVarint(entry.rawBytes)
        writer.writeVarint(entry.block.count)
    }

    /// The entries of a payload. The payload's checksum has been checked, so what is wrong here is our own mistake or a
    /// newer format; it is reported all the same. O(entries).
    static func read(_ payload: RawSpan) throws(CorruptionError) -> [GroupEntry] {
        var reader = ByteReader(payload)
        let count = try reader.readCount(limit: payload.byteCount)
        var entries: [GroupEntry] = []
        for _ in 0..<count {
            let tenant = Tenant(account: try reader.readUInt32(), project: try reader.readUInt32())
            var marks: [SourceMark] = []
            for _ in 0..<(try reader.readCount(limit: payload.byteCount)) {
                let agent = String(decoding: try reader.readCounted(), as: UTF8.self)
                marks.append(SourceMark(agent: agent, lastSequence: try reader.readVarint()))
            }
            let rows = try reader.readCount(limit: Int(Int32.max))
            let rawBytes = try reader.readCount(limit: Int.max)
            let length = try reader.readCount(limit: payload.byteCount)
            let start = reader.offset
            try reader.skip(length)
            entries.append(
                GroupEntry(
                    tenant: tenant, rowCount: rows, rawBytes: rawBytes, marks: marks, block: start..<(start + length)))
        }
        guard reader.remaining == 0 else {
            throw CorruptionError("\(reader.remaining) bytes behind the last entry", offset: reader.offset)
        }
        return entries
    }
}

/// A batch on its way to the disk.
struct EncodedEntry: Sendable {
    var tenant: Tenant
    var rowCount: Int
    var rawBytes: Int
    var marks: [SourceMark]
    var block: [UInt8]
    /// The rows themselves, for those who follow along; nil without rows.
    var batch: RecordBatch?
    var waiters: [Waiter]
}
