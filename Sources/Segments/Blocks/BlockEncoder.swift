import Bytes
import Records

/// Turns rows into the bytes of one block: a commit group's micro-block and a segment's block are the same.
public struct BlockEncoder: Sendable {
    /// A block's bytes and what a segment's index wants to know of it.
    public struct Output: Sendable {
        public var bytes: [UInt8]
        /// A key (see `IdentifierHasher`) for every identifier of the block; some may come more than once.
        public var identifierKeys: [UInt64]
    }

    public let effort: EncodingEffort

    public init(effort: EncodingEffort) { self.effort = effort }

    /// Encodes the rows of a batch, in the order given or as they stand. The batch must have rows, at most
    /// `Limits.rowsPerBlock` by custom and 2^20 by format, and at most 256 MiB in a
    /// column, which any batch within `Limits` keeps to; columns without any value are left out. O(cells + bytes).
    public func encode(_ batch: RecordBatch, order: [UInt32]? = nil) -> Output {
        encode(BlockRows(batch, order: order))
    }

    func encode(_ rows: BlockRows) -> Output {
        let times = rows.times
        precondition(!times.isEmpty && times.count <= BlockHeader.maximumRows)
        var body = ByteWriter(capacity: times.count * 24)
        IntegerCodec.encode(times, effort: effort, to: &body)
        let timeSection = BlockSection(body.bytes, at: 0)
        var keys = IdentifierCollector()
        var drafts: [ColumnDraft] = []
        for column in rows.columns {
            let arena = rows.arena.rawSpan
            guard let draft = ColumnDraft(column, arena, effort: effort) else { continue }
            if draft.isIdentifier {
                switch column.values {
                case .coded(let coded): keys.add(coded.values, arena)
                case .slices(let slices): keys.add(draft.statistics.distinctSlices ?? slices, arena)
                }
            }
            drafts.append(draft)
        }
        if effort == .seal { drafts.deriveColumns() }
        let identifiers = effort == .commit ? keys.writeFilter(to: &body) : nil
        var sections = ByteWriter(capacity: times.count * 48)
        let header = BlockHeader(
            rowCount: times.count, timeRange: times.reduce(times[0], min)...times.reduce(times[0], max),
            times: timeSection, columns: drafts.map { $0.write(to: &sections) }, identifiers: identifiers)
        var output = ByteWriter(capacity: 1024 + body.count + sections.count)
        header.write(to: &output)
        output.write(body.bytes)
        output.write(sections.bytes)
        return Output(bytes: output.bytes, identifierKeys: keys.keys)
    }
}
