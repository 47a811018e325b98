import Bytes
import Records

/// Writes texts as a `SplitColumn` is laid down.
enum SplitCodec {
    /// Fewer texts than this are stored as they came: kinds would be most of what is written.
    static let fewestTexts = 512
    /// Texts by which it is judged whether there are few kinds among them.
    private static let judgedTexts = 256

    /// False, with nothing written, where the texts do not share kinds, or hold little but variables. O(bytes).
    static func encode(_ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter) -> Bool {
        guard slices.count >= fewestTexts else { return false }
        var found = TextKinds(texts: slices.count, kindsLimit: TemplateSplit.skeletonsLimit)
        found.split(slices.rawSpan, arena, until: judgedTexts)
        guard found.count * 4 <= judgedTexts * 3 else { return false }
        let parts = TextParts(slices, arena, &found)
        let column = SplitColumn(parts, slices, arena)
        let variableBytes = column.variables.reduce(0) { $0 + Int($1 >> 32) }
        guard variableBytes * 4 <= parts.byteCount * 3 else { return false }
        write(column, parts, arena, variableBytes: variableBytes, to: &writer)
        return true
    }

    private static func write(
        _ column: SplitColumn, _ parts: TextParts, _ arena: RawSpan, variableBytes: Int, to writer: inout ByteWriter
    ) {
        writer.writeVarint(column.kindCount)
        for kind in parts.kinds { writer.writeVarint(kind.variables.count + 1) }
        let pieces = (0..<column.pieces.count).map {
            RecordBatch.Slice(offset: column.pieces.offsets[$0], length: UInt32(column.pieces.length($0)))
        }
        if !pieces.isEmpty { TextCodec.encode(pieces, column.pieces.arena.rawSpan, effort: .commit, to: &writer) }
        CodeCodec.encode(column.codes, counts: parts.counts.map(UInt32.init), effort: .commit, to: &writer)
        var long: [Int] = []
        let lengths = column.variables.map { variable in
            let length = Int(variable >> 32)
            guard length >= SplitColumn.longLength else { return UInt8(length) }
            long.append(length)
            return UInt8(SplitColumn.longLength)
        }
        ByteFrame.writeStored(lengths.rawSpan, to: &writer)
        writer.writeVarint(long.count)
        for length in long { writer.writeVarint(length) }
        let bytes = SliceKernels.gather(column.variables.slicePairs, arena, byteCount: variableBytes)
        ByteFrame.writeStored(bytes.rawSpan, to: &writer)
    }
}
