import Bytes
import Machine
import Records

/// Turns rows into the bytes of one block: a commit group's micro-block and a segment's block are the same.
public struct BlockEncoder: Sendable {
    /// A block's bytes and what a segment's index wants to know of it.
    public struct Output: Sendable {
        public var bytes: [UInt8]
        /// A key (see `IdentifierHasher`) for every identifier of the block; some may come more than once.
        public var identifierKeys: [UInt64]
        /// The same of columns that hold short ones only (see `IdentifierKey`); those are not among the others.
        public var shortIdentifierKeys: [UInt64]
        /// Bytes of all values as they came.
        public var rawBytes: Int
    }

    /// Fewer rows are encoded in less time than measuring their stages takes.
    private static let measuredRows = 512

    public let effort: EncodingEffort

    public init(effort: EncodingEffort) { self.effort = effort }

    /// Encodes the rows of a batch, in the order given or as they stand. The batch must have rows, at most
    /// `Limits.rowsPerBlock` by custom and 2^20 by format, and at most 256 MiB in a
    /// column, which any batch within `Limits` keeps to; columns without any value are left out. O(cells + bytes).
    public func encode(_ batch: RecordBatch, order: [UInt32]? = nil) -> Output {
        encode(BlockRows(batch, order: order))
    }

    func encode(_ rows: BlockRows) -> Output {
        let parts = encodeParts(rows, effort)
        var output = parts
        if effort == .seal, parts.body.count <= Limits.packedBlockBytes {
            var packed = encodeParts(rows.asTexts(), .packed)
            if packed.body.count <= PackedBody.longest {
                let frame = PackedBody.compress(packed.body, rows: rows.times.count)
                packed.header.packing = .init(length: frame.count, checksum: crc32c(frame.rawSpan))
                packed.body = frame
                if frame.count < parts.body.count { output = packed }
            }
        }
        var writer = ByteWriter(capacity: 1024 + output.body.count)
        output.header.write(to: &writer)
        writer.write(output.body)
        return Output(
            bytes: writer.bytes, identifierKeys: output.keys.keys,
            shortIdentifierKeys: output.keys.shortKeys,
            rawBytes: output.header.columns.reduce(0) { $0 + $1.statistics.rawBytes })
    }

    private struct Parts {
        var header: BlockHeader
        /// Everything behind the header.
        var body: [UInt8]
        var keys: IdentifierCollector
    }

    private func encodeParts(_ rows: BlockRows, _ effort: EncodingEffort) -> Parts {
        let times = rows.times
        precondition(!times.isEmpty && times.count <= BlockHeader.maximumRows)
        var body = ByteWriter(capacity: times.count * 24)
        IntegerCodec.encode(times, effort: effort, to: &body)
        let timeSection = BlockSection(body.bytes, at: 0)
        var keys = IdentifierCollector()
        var drafts: [ColumnDraft] = []
        for column in rows.columns {
            let arena = rows.arena.rawSpan
            guard let draft = ColumnDraft(column, arena, times: times, effort: effort) else { continue }
            if draft.isIdentifier {
                StageTimes.shared.measure(.index, if: times.count >= Self.measuredRows) {
                    keys.add(column.values, draft.statistics, arena)
                }
            }
            drafts.append(draft)
        }
        if effort != .commit {
            drafts.deriveColumns(effort: effort)
            drafts.referColumns(rows.arena.rawSpan, effort: effort)
            drafts.kindColumns(effort: effort)
        }
        let identifiers =
            effort == .commit
            ? StageTimes.shared.measure(.index, if: times.count >= Self.measuredRows) { keys.writeFilter(to: &body) }
            : nil
        var sections = ByteWriter(capacity: times.count * 48)
        let header = BlockHeader(
            rowCount: times.count, timeRange: times.reduce(times[0], min)...times.reduce(times[0], max),
            times: timeSection, columns: drafts.map { $0.write(to: &sections) }, identifiers: identifiers)
        body.write(sections.bytes)
        return Parts(header: header, body: body.bytes, keys: keys)
    }
}
