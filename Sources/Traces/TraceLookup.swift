import Bytes
import Records

/// Finds every record of one request by any of its IDs.
public enum TraceLookup {
    /// The most records that are returned of one ID: an ID that more records share is not the ID of one request.
    public static let maximumRecords = 10_000

    /// What was found.
    public struct Found: Sendable {
        /// By time, earliest first.
        public var records: [TraceRecord]
        /// Whether `maximumRecords` was reached.
        public var isCut: Bool
        /// Blocks that were read.
        public var blocks: Int
    }

    /// Looks an ID up, whichever field holds it; hex case and the dashes of a UUID do not matter.
    ///
    /// O(blocks that the index names), not the data.
    public static func find(_ id: ByteString, in snapshot: some BlockSnapshot) throws -> Found {
        var records: [TraceRecord] = []
        var isCut = false
        let blocks = snapshot.blocks(withIdentifier: id)
        for block in blocks {
            var rows = try block.findRows(withIdentifier: id)
            guard !rows.isEmpty else { continue }
            let room = maximumRecords - records.count
            if rows.count > room {
                rows.removeLast(rows.count - room)
                isCut = true
            }
            try append(rows, of: block, to: &records)
        }
        records.sort { $0.time < $1.time }
        return Found(records: records, isCut: isCut, blocks: blocks.count)
    }

    private static func append(_ rows: [Int], of block: any ColumnBlock, to records: inout [TraceRecord]) throws {
        let first = records.count
        for time in try block.times(rows: rows) { records.append(TraceRecord(time: time, fields: [])) }
        for name in block.columnNames {
            let values = try block.column(name, rows: rows)
            for index in rows.indices {
                let value = values.value(index)
                if !value.isEmpty { records[first + index].fields.append((name, value)) }
            }
        }
    }
}
