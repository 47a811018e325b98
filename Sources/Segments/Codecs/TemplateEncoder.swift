import Bytes
import Records

/// Takes texts apart into skeletons and variables, and writes each variable of each skeleton as a column of its own.
///
/// `skeletons varint | per skeleton: pieces varint | lengths of all pieces as integers | frame of all pieces |
/// codes (0: a text kept whole; else skeleton + 1) | per skeleton and variable: length varint, column payload |
/// texts kept whole: column payload, if there are any`.
struct TemplateEncoder {
    private let effort: EncodingEffort
    /// Words of the texts, for the column's filter.
    private(set) var words: WordCollector

    init(effort: EncodingEffort, words: WordCollector) {
        self.effort = effort
        self.words = words
    }

    /// False, with nothing written, where the texts do not share skeletons.
    mutating func encode(_ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter) -> Bool {
        guard TemplateSplit.isWorthwhile(slices, arena) else { return false }
        let split = TemplateSplit(slices, arena)
        guard !split.skeletons.isEmpty else { return false }
        writeSkeletons(split.skeletons, arena, to: &writer)
        writeCodes(split.codes, skeletons: split.skeletons.count, to: &writer)
        var columns = ColumnEncoder(effort: effort)
        for skeleton in split.skeletons {
            // The words of one text of the kind: all static ones, and those that variables stand in.
            words.add(arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length)))
            for (position, column) in skeleton.columns.enumerated() {
                var payload = ByteWriter()
                let statistics = columns.encode(column, arena, allowed: .dictionary, to: &payload)
                collectWords(skeleton, position, statistics, arena)
                writer.writeCounted(payload.bytes)
            }
        }
        let whole = slices.indices.filter { split.codes[$0] == 0 }.map { slices[$0] }
        for slice in whole { words.add(arena.slice(Int(slice.offset), Int(slice.length))) }
        if !whole.isEmpty { _ = columns.encode(whole, arena, allowed: .dictionary, to: &writer) }
        return true
    }

    /// The words of a variable. One that static text or another variable touches is looked at within its whole text.
    private mutating func collectWords(
        _ skeleton: TemplateSplit.Skeleton, _ position: Int, _ statistics: ColumnStatistics, _ arena: RawSpan
    ) {
        let model = arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length))
        let column = skeleton.columns[position]
        let variable = skeleton.variables[position]
        let start = Int(variable.lowerBound)
        let end = Int(variable.upperBound)
        let before = position == 0 ? -1 : Int(skeleton.variables[position - 1].upperBound)
        let after = position + 1 == skeleton.columns.count ? -1 : Int(skeleton.variables[position + 1].lowerBound)
        let touched =
            start == before || end == after
            || (start > 0 && WordCollector.isWordByte(model[start - 1]))
            || (end < model.byteCount && WordCollector.isWordByte(model[end]))
        guard touched else { return words.add(column, arena, statistics) }
        for (row, value) in column.enumerated() {
            let text = skeleton.texts[row]
            let place = Int(value.offset - text.offset)
            words.add(arena.slice(Int(text.offset), Int(text.length)), place..<(place + Int(value.length)))
        }
    }

    private func writeSkeletons(
        _ skeletons: [TemplateSplit.Skeleton], _ arena: RawSpan, to writer: inout ByteWriter
    ) {
        writer.writeVarint(skeletons.count)
        var lengths: [Int64] = []
        var pieces: [UInt8] = []
        for skeleton in skeletons {
            writer.writeVarint(skeleton.variables.count + 1)
            let model = arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length))
            var start = 0
            for variable in skeleton.variables {
                pieces.append(copying: model.slice(start, Int(variable.lowerBound) - start))
                lengths.append(Int64(variable.lowerBound) - Int64(start))
                start = Int(variable.upperBound)
            }
            pieces.append(copying: model.slice(start, model.byteCount - start))
            lengths.append(Int64(model.byteCount - start))
        }
        IntegerCodec.encode(lengths, effort: effort, to: &writer)
        ByteFrame.write(pieces.rawSpan, effort: effort, to: &writer)
    }

    private func writeCodes(_ codes: [UInt32], skeletons: Int, to writer: inout ByteWriter) {
        var counts = [UInt32](repeating: 0, count: skeletons + 1)
        for code in codes { counts[Int(code)] += 1 }
        CodeCodec.encode(codes, counts: counts, effort: effort, to: &writer)
    }
}
