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

    /// Encodes the rows of several blocks of one tenant as one block, in the order in which they stand: how small
    /// commit groups are put together. Numbers, digits and codes are taken as the blocks hold them. There must be rows,
    /// at most 2^20. Nil where they have so many columns together that they stay better apart. Throws `CorruptionError`
    /// from a block. O(cells + bytes).
    public func join(_ blocks: [EncodedBlock]) throws -> Output? {
        let cells = blocks.reduce(0) { $0 + $1.header.columns.count * $1.rowCount }
        let isWide = BlockRows.isWide(columns: 2, rows: cells)
        let cursors = try blocks.map { try RowMerge.Cursor($0, range: nil, isWide: isWide) }
        guard blocks.count < 2 || RowGathering.columns(of: cursors).count <= ColumnCrowd.limit else { return nil }
        return try encode(RowGathering(joining: cursors).gather())
    }

    func encode(_ rows: BlockRows) -> Output {
        let parts = encodeParts(rows, effort)
        var output = parts
        if effort == .seal, parts.body.count <= Limits.packedBlockBytes, !rows.isWide {
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
        var sections = ByteWriter(capacity: times.count * 48)
        let columns =
            effort == .commit
            ? writeColumns(rows, &keys, to: &sections)
            : drafts(rows, effort, &keys).map { $0.write(to: &sections) }
        let identifiers =
            effort == .commit
            ? StageTimes.shared.measure(.index, if: times.count >= Self.measuredRows) { keys.writeFilter(to: &body) }
            : nil
        let header = BlockHeader(
            rowCount: times.count, timeRange: times.reduce(times[0], min)...times.reduce(times[0], max),
            times: timeSection, columns: columns, identifiers: identifiers)
        body.write(sections.bytes)
        return Parts(header: header, body: body.bytes, keys: keys)
    }

    private func drafts(
        _ rows: BlockRows, _ effort: EncodingEffort, _ keys: inout IdentifierCollector
    ) -> [ColumnDraft] {
        let arena = rows.arena.rawSpan
        let columns = rows.columns.filter { $0.values.byteCount > 0 }
        var known: [ColumnDraft?] = columns.map { _ in nil }
        var told: ToldVariables?
        // Texts come last: they may tell what the others say.
        for areTexts in [false, true] {
            if areTexts, columns.contains(where: \.values.areParts) {
                let others = known.enumerated().compactMap { place, draft in draft.map { (place, $0) } }
                told = ToldVariables(others, rows.arena)
            }
            for (place, column) in columns.enumerated() where column.values.areParts == areTexts {
                guard let draft = ColumnDraft(column, arena, times: rows.times, told: told, effort: effort) else {
                    continue
                }
                if draft.isIdentifier {
                    StageTimes.shared.measure(.index, if: rows.times.count >= Self.measuredRows) {
                        keys.add(column.values, draft.statistics, arena)
                    }
                }
                known[place] = draft
            }
        }
        var drafts = known.compactMap { $0 }
        drafts.repeatColumns(rows.arena, rows: rows.times.count, without: told?.used ?? [], effort: effort)
        drafts.deriveColumns(effort: effort)
        drafts.referColumns(arena, effort: effort)
        drafts.kindColumns(effort: effort)
        return drafts
    }

    /// The columns of a commit group go where they belong at once, since none waits for another.
    private func writeColumns(
        _ rows: BlockRows, _ keys: inout IdentifierCollector, to sections: inout ByteWriter
    ) -> [BlockHeader.Column] {
        let arena = rows.arena.rawSpan
        var columns: [BlockHeader.Column] = []
        columns.reserveCapacity(rows.columns.count)
        for column in rows.columns {
            let rawBytes = column.values.byteCount
            guard rawBytes > 0 else { continue }
            var encoder = ColumnEncoder(effort: .commit)
            let start = sections.count
            let looksLikeOne = column.looksLikeIdentifiers(arena)
            var statistics = encoder.encode(column, looksLikeOne: looksLikeOne, arena, to: &sections)
            statistics.rawBytes = rawBytes
            let isIdentifier = statistics.areShapedLikeIdentifiers || looksLikeOne
            if isIdentifier {
                StageTimes.shared.measure(.index, if: rows.times.count >= Self.measuredRows) {
                    keys.add(column.values, statistics, arena)
                }
            }
            let length = sections.count - start
            let section = BlockSection(
                offset: start, length: length, checksum: crc32c(sections.bytes.rawSpan.slice(start, length)))
            columns.append(
                .init(name: column.name, statistics: statistics, isIdentifier: isIdentifier, values: section))
        }
        return columns
    }
}
