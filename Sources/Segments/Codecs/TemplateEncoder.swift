import Bytes
import Records
import Templates

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

    /// A skeleton with fewer rows is not worth columns of its own: its texts are kept whole.
    private static let rowsFloor = 8
    /// Rows of the sample by which text without templates is turned away.
    private static let sampleRows = 256
    /// Skeletons of one block at most; further texts are kept whole.
    static let skeletonsLimit = 8_192

    private struct Skeleton {
        var hash: UInt64
        /// The first text of its kind and where its variables stand in it.
        var model: RecordBatch.Slice
        var variables: [Range<UInt32>]
        /// All texts of its kind.
        var texts: [RecordBatch.Slice] = []
        var rows: Int { texts.count }
        /// One array a variable: where its value stands in the arena, row by row.
        var columns: [[RecordBatch.Slice]]
    }

    /// False, with nothing written, where the texts do not share skeletons.
    mutating func encode(_ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter) -> Bool {
        guard slices.count >= Self.rowsFloor * 2, Self.sharesSkeletons(slices, arena) else { return false }
        var (skeletons, codes) = Self.takeApart(slices, arena)
        Self.dropRare(&skeletons, &codes)
        guard !skeletons.isEmpty else { return false }
        collectWords(skeletons, arena)
        writeSkeletons(skeletons, arena, to: &writer)
        writeCodes(codes, skeletons: skeletons.count, to: &writer)
        var columns = ColumnEncoder(effort: effort)
        for skeleton in skeletons {
            for column in skeleton.columns {
                var payload = ByteWriter()
                _ = columns.encode(column, arena, allowed: .dictionary, to: &payload)
                writer.writeCounted(payload.bytes)
            }
        }
        let whole = slices.indices.filter { codes[$0] == 0 }.map { slices[$0] }
        for slice in whole { words.add(arena.slice(Int(slice.offset), Int(slice.length))) }
        if !whole.isEmpty { _ = columns.encode(whole, arena, allowed: .dictionary, to: &writer) }
        return true
    }

    /// The words of one text of each kind, which has all static words, and those that variables stand in. A variable
    /// that static text or another variable touches is looked at within its whole text.
    private mutating func collectWords(_ skeletons: [Skeleton], _ arena: RawSpan) {
        for skeleton in skeletons {
            let model = arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length))
            words.add(model)
            for (position, column) in skeleton.columns.enumerated() {
                let variable = skeleton.variables[position]
                let start = Int(variable.lowerBound)
                let end = Int(variable.upperBound)
                let before = position == 0 ? -1 : Int(skeleton.variables[position - 1].upperBound)
                let after =
                    position + 1 == skeleton.columns.count ? -1 : Int(skeleton.variables[position + 1].lowerBound)
                let touched =
                    start == before || end == after
                    || (start > 0 && WordCollector.isWordByte(model[start - 1]))
                    || (end < model.byteCount && WordCollector.isWordByte(model[end]))
                for (row, value) in column.enumerated() {
                    if touched {
                        let text = skeleton.texts[row]
                        let place = Int(value.offset - text.offset)
                        words.add(arena.slice(Int(text.offset), Int(text.length)), place..<(place + Int(value.length)))
                    } else {
                        words.add(arena.slice(Int(value.offset), Int(value.length)))
                    }
                }
            }
        }
    }

    private static func sharesSkeletons(_ slices: [RecordBatch.Slice], _ arena: RawSpan) -> Bool {
        let step = max(1, slices.count / sampleRows)
        let splitter = MessageSplitter()
        var parts = MessageParts()
        var seen = Set<UInt64>()
        var sampled = 0
        for row in stride(from: 0, to: slices.count, by: step) {
            splitter.split(arena.slice(Int(slices[row].offset), Int(slices[row].length)), into: &parts)
            seen.insert(parts.skeletonHash)
            sampled += 1
        }
        return seen.count * 4 <= sampled * 3
    }

    private static func takeApart(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan
    ) -> (skeletons: [Skeleton], codes: [UInt32]) {
        let splitter = MessageSplitter()
        var parts = MessageParts()
        var positions: [UInt64: Int] = [:]
        var skeletons: [Skeleton] = []
        var codes = [UInt32](repeating: 0, count: slices.count)
        for (row, slice) in slices.enumerated() {
            let text = arena.slice(Int(slice.offset), Int(slice.length))
            splitter.split(text, into: &parts)
            var position = positions[parts.skeletonHash] ?? -1
            if position < 0 {
                guard skeletons.count < skeletonsLimit else { continue }
                position = skeletons.count
                positions[parts.skeletonHash] = position
                skeletons.append(
                    Skeleton(
                        hash: parts.skeletonHash, model: slice, variables: parts.variables,
                        columns: [[RecordBatch.Slice]](repeating: [], count: parts.variables.count)))
            } else if !sameSkeleton(skeletons[position], text, parts.variables, arena) {
                continue
            }
            codes[row] = UInt32(position) + 1
            skeletons[position].texts.append(slice)
            for (column, range) in parts.variables.enumerated() {
                let value = RecordBatch.Slice(offset: slice.offset + range.lowerBound, length: UInt32(range.count))
                skeletons[position].columns[column].append(value)
            }
        }
        return (skeletons, codes)
    }

    /// Compares the static pieces byte for byte: equal hashes are a hint, not a proof.
    private static func sameSkeleton(
        _ skeleton: Skeleton, _ text: RawSpan, _ variables: [Range<UInt32>], _ arena: RawSpan
    ) -> Bool {
        guard skeleton.variables.count == variables.count else { return false }
        let model = arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length))
        var modelStart = 0
        var textStart = 0
        for index in 0...variables.count {
            let last = index == variables.count
            let modelEnd = last ? model.byteCount : Int(skeleton.variables[index].lowerBound)
            let textEnd = last ? text.byteCount : Int(variables[index].lowerBound)
            guard
                model.slice(modelStart, modelEnd - modelStart).equals(text.slice(textStart, textEnd - textStart))
            else { return false }
            if !last {
                modelStart = Int(skeleton.variables[index].upperBound)
                textStart = Int(variables[index].upperBound)
            }
        }
        return true
    }

    /// Keeps the skeletons with enough rows and numbers them anew, still in the order of their first appearance.
    private static func dropRare(_ skeletons: inout [Skeleton], _ codes: inout [UInt32]) {
        var renumbered: [UInt32] = [0]
        var kept: UInt32 = 0
        for skeleton in skeletons {
            if skeleton.rows >= rowsFloor { kept += 1 }
            renumbered.append(skeleton.rows >= rowsFloor ? kept : 0)
        }
        skeletons.removeAll { $0.rows < rowsFloor }
        for row in codes.indices { codes[row] = renumbered[Int(codes[row])] }
    }

    private func writeSkeletons(_ skeletons: [Skeleton], _ arena: RawSpan, to writer: inout ByteWriter) {
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
