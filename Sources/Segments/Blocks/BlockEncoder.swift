import Bytes
import Records

/// Turns rows into the bytes of one block: a commit group's micro-block and a segment's block are the same.
public struct BlockEncoder: Sendable {
    /// A block's bytes and what a segment's index wants to know of it.
    public struct Output: Sendable {
        public var bytes: [UInt8]
        /// A key (see `IdentifierKey`) for every distinct identifier of the block.
        public var identifierKeys: [UInt64]
    }

    public let effort: EncodingEffort

    public init(effort: EncodingEffort) { self.effort = effort }

    /// Encodes the rows of a batch, in the order given or as they stand. The batch must have rows, at most
    /// `Limits.rowsPerBlock` by custom and 2^20 by format; columns without any value are left out. O(cells + bytes).
    public func encode(_ batch: RecordBatch, order: [UInt32]? = nil) -> Output {
        let times = order.map { $0.map { batch.times[Int($0)] } } ?? batch.times
        precondition(!times.isEmpty && times.count <= BlockHeader.maximumRows)
        var body = ByteWriter(capacity: times.count * 24)
        IntegerCodec.encode(times, effort: effort, to: &body)
        let timeSection = Self.section(body, from: 0)
        var columns: [BlockHeader.Column] = []
        var keys = IdentifierCollector()
        var sections = ByteWriter(capacity: times.count * 48)
        for column in batch.columns {
            let slices = order.map { $0.map { column.slices[Int($0)] } } ?? column.slices
            let arena = batch.arena.rawSpan
            if let encoded = encode(column.name, slices, arena, keys: &keys, to: &sections) { columns.append(encoded) }
        }
        let identifiers = effort == .commit ? keys.writeFilter(to: &body) : nil
        let header = BlockHeader(
            rowCount: times.count, timeRange: times.reduce(times[0], min)...times.reduce(times[0], max),
            times: timeSection, columns: columns, identifiers: identifiers)
        var output = ByteWriter(capacity: 1024 + body.count + sections.count)
        header.write(to: &output)
        output.write(body.bytes)
        output.write(sections.bytes)
        return Output(bytes: output.bytes, identifierKeys: keys.keys)
    }

    private static func section(_ writer: ByteWriter, from start: Int) -> BlockSection {
        let length = writer.count - start
        return BlockSection(offset: start, length: length, checksum: crc32c(writer.bytes.rawSpan.slice(start, length)))
    }

    /// Nil for a column without any value.
    private func encode(
        _ name: ByteString, _ slices: [RecordBatch.Slice], _ arena: RawSpan, keys: inout IdentifierCollector,
        to writer: inout ByteWriter
    ) -> BlockHeader.Column? {
        guard slices.contains(where: { $0.length > 0 }) else { return nil }
        let start = writer.count
        var encoder = ColumnEncoder(effort: effort)
        var statistics = encoder.encode(slices, arena, to: &writer)
        statistics.rawBytes = slices.reduce(0) { $0 + Int($1.length) }
        var column = BlockHeader.Column(
            name: name, statistics: statistics, values: Self.section(writer, from: start))
        column.isIdentifier = statistics.areShapedLikeIdentifiers || IdentifierField.isNamedLikeOne(name)
        if !encoder.words.isEmpty {
            let wordsStart = writer.count
            encoder.words.write(to: &writer)
            column.words = Self.section(writer, from: wordsStart)
        }
        if column.isIdentifier {
            keys.add(statistics.distinctSlices.isEmpty ? slices : statistics.distinctSlices, arena)
        }
        return column
    }
}
