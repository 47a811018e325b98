import Bytes
import Records

/// Takes texts apart into skeletons and variables, and writes each variable of each skeleton as a column of its own,
/// but for those that several skeletons share. `TemplateLayout` describes what is written.
struct TemplateEncoder {
    private let effort: EncodingEffort
    /// Words of the texts, for the column's filter.
    private(set) var words: WordCollector
    /// The kind of each text that was encoded last: 0 for one kept whole, else its skeleton + 1.
    private(set) var kinds: RowKinds?

    /// Of the rows, where the texts are those of rows.
    private let times: [Int64]?
    private let told: ToldVariables?

    private let quotes: QuotedText

    init(
        effort: EncodingEffort, words: WordCollector, times: [Int64]? = nil, told: ToldVariables? = nil,
        quotes: QuotedText = .words
    ) {
        self.effort = effort
        self.told = told
        self.quotes = quotes
        self.times = times
        self.words = words
    }

    /// False, with nothing written, where the texts do not share skeletons.
    mutating func encode(_ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter) -> Bool {
        guard effort == .packed || TemplateSplit.isWorthwhile(slices, arena, quotes: quotes) else { return false }
        let rowsFloor = effort == .packed ? TemplateSplit.packedRowsFloor : TemplateSplit.rowsFloor
        return encode(TemplateSplit(slices, arena, rowsFloor: rowsFloor, quotes: quotes), arena, to: &writer)
    }

    /// The same for texts that are taken apart.
    mutating func encode(_ split: TemplateSplit, _ arena: RawSpan, to writer: inout ByteWriter) -> Bool {
        guard !split.skeletons.isEmpty else { return false }
        let rows = times == nil ? [] : split.rowsBySkeleton
        let told = times == nil ? nil : told?.find(split, rows: rows, arena)
        let toldBy = told ?? split.skeletons.map { $0.columns.map { _ in -1 } }
        let shared = SharedVariables(split, arena, without: toldBy)
        var pools = writeShared(shared.groups, arena)
        var variables = split.skeletons.indices.map {
            encode(
                split.skeletons[$0], shared.groupOf[$0], shared.equalTo[$0], toldBy[$0],
                rows: times == nil ? [] : rows[$0], arena)
        }
        pools += VariablePool.find(&variables, split, arena, effort: effort, firstNumber: pools.count)
        if !pools.isEmpty {
            writer.writeVarint(0)
            writer.writeVarint(pools.count)
            for pool in pools { writer.write(pool) }
        }
        writeSkeletons(split.skeletons, arena, to: &writer)
        writeCodes(split.codes, skeletons: split.skeletons.count, to: &writer)
        kinds = RowKinds(split.codes, size: split.skeletons.count + 1)
        for own in variables {
            for variable in own { writer.writeCounted(variable.payload) }
        }
        for slice in split.wholes { addWords(arena.slice(Int(slice.offset), Int(slice.length))) }
        if !split.wholes.isEmpty {
            var columns = ColumnEncoder(effort: effort)
            _ = columns.encode(split.wholes, arena, allowed: .dictionary, to: &writer)
        }
        return true
    }

    /// The groups of shared variables, each as a pool without distinct values.
    private mutating func writeShared(_ groups: [SharedVariables.Group], _ arena: RawSpan) -> [[UInt8]] {
        var columns = ColumnEncoder(effort: effort)
        return groups.map { group in
            var payload = ByteWriter()
            let statistics =
                clock(group.values, group.rows, arena, to: &payload)
                ?? columns.encode(group.values, arena, allowed: .dictionary, to: &payload)
            if effort != .packed { words.add(group.values, arena, statistics) }
            var pool = ByteWriter()
            pool.writeVarint(0)
            pool.writeVarint(group.values.count)
            pool.writeCounted(payload.bytes)
            return pool.bytes
        }
    }

    /// The variables of a skeleton, given which belong to a group, equal an earlier one or are told by another column.
    private mutating func encode(
        _ skeleton: TemplateSplit.Skeleton, _ groups: [Int], _ equalTo: [Int], _ told: [Int], rows: [UInt32],
        _ arena: RawSpan
    ) -> [VariablePool.Variable] {
        // The words of one text of the kind: all static ones, and those that variables stand in.
        addWords(arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length)))
        var columns = ColumnEncoder(effort: effort)
        return skeleton.columns.indices.map { position in
            var payload = ByteWriter()
            var statistics = ColumnStatistics(.text)
            if groups[position] >= 0 {
                payload.write(ColumnEncoding.pooled.rawValue)
                payload.writeVarint(groups[position])
                statistics.encoding = .pooled
                statistics.valueEncoding = .pooled
            } else if equalTo[position] >= 0 {
                payload.write(ColumnEncoding.same.rawValue)
                payload.writeVarint(equalTo[position])
                statistics.encoding = .same
                statistics.valueEncoding = .same
            } else if told[position] >= 0 {
                payload.write(ColumnEncoding.told.rawValue)
                payload.writeVarint(told[position])
                statistics.encoding = .told
                statistics.valueEncoding = .told
            } else {
                let values = skeleton.columns[position]
                statistics =
                    clock(values, rows, arena, to: &payload)
                    ?? columns.encode(values, arena, allowed: .dictionary, to: &payload)
            }
            collectWords(skeleton, position, statistics, arena)
            return .init(payload: payload.bytes, statistics: statistics)
        }
    }

    /// Nil, with nothing written, where the values do not tell the times of their rows.
    private func clock(
        _ values: [RecordBatch.Slice], _ rows: [UInt32], _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics? {
        guard let times, values.count > 1,
            ClockCodec.isLikely(arena.slice(Int(values[0].offset), Int(values[0].length)), at: times[Int(rows[0])]),
            ClockCodec.encode(values, arena, CodeKernels.take(times, rows), to: &writer)
        else { return nil }
        return ColumnStatistics(.clock)
    }

    private mutating func addWords(_ text: RawSpan) {
        // A block that is compressed as a whole has no word filters.
        if effort != .packed { words.add(text) }
    }

    /// The variables around one whose words may be its own too: between them stand nothing but bytes of words.
    private static func touching(
        _ position: Int, _ skeleton: TemplateSplit.Skeleton, _ model: RawSpan
    ) -> ClosedRange<Int> {
        var first = position
        while first > 0, isWithinWord(skeleton.piece(before: first), model) { first -= 1 }
        var last = position
        while last + 1 < skeleton.columns.count, isWithinWord(skeleton.piece(before: last + 1), model) { last += 1 }
        return first...last
    }

    private static func isWithinWord(_ piece: Range<UInt32>, _ model: RawSpan) -> Bool {
        for place in piece where !WordCollector.isWordByte(model[Int(place)]) { return false }
        return true
    }

    /// The words of a variable. One that static text or another variable touches is looked at with what it touches.
    private mutating func collectWords(
        _ skeleton: TemplateSplit.Skeleton, _ position: Int, _ statistics: ColumnStatistics, _ arena: RawSpan
    ) {
        if effort == .packed { return }
        let model = arena.slice(Int(skeleton.model.offset), Int(skeleton.model.length))
        let column = skeleton.columns[position]
        let variable = skeleton.variables[position]
        let before = position == 0 ? 0 : Int(skeleton.variables[position - 1].upperBound)
        let after =
            position + 1 == skeleton.columns.count
            ? model.byteCount : Int(skeleton.variables[position + 1].lowerBound)
        // The static text that its first and its last word go on in.
        var start = Int(variable.lowerBound)
        while start > before, WordCollector.isWordByte(model[start - 1]) { start -= 1 }
        var end = Int(variable.upperBound)
        while end < after, WordCollector.isWordByte(model[end]) { end += 1 }
        let reachesOther = (start == before && position > 0) || (end == after && position + 1 < skeleton.columns.count)
        guard reachesOther || start < variable.lowerBound || end > variable.upperBound else {
            // Those of shared and equal variables are there.
            if statistics.encoding != .pooled, statistics.encoding != .same { words.add(column, arena, statistics) }
            return
        }
        var text: [UInt8] = []
        if reachesOther {
            let part = Self.touching(position, skeleton, model)
            for row in column.indices {
                let place = skeleton.write(row, position, among: part, arena, to: &text)
                words.add(text.rawSpan, place)
            }
            return
        }
        for value in column {
            text.removeAll(keepingCapacity: true)
            text.append(copying: model.slice(start, Int(variable.lowerBound) - start))
            text.append(copying: arena.slice(Int(value.offset), Int(value.length)))
            text.append(copying: model.slice(Int(variable.upperBound), end - Int(variable.upperBound)))
            words.add(text.rawSpan)
        }
    }

    private func writeSkeletons(
        _ skeletons: [TemplateSplit.Skeleton], _ arena: RawSpan, to writer: inout ByteWriter
    ) {
        writer.writeVarint(skeletons.count)
        var pieces: [RecordBatch.Slice] = []
        for skeleton in skeletons {
            writer.writeVarint(skeleton.variables.count + 1)
            let model = skeleton.model
            var start: UInt32 = 0
            for variable in skeleton.variables {
                pieces.append(.init(offset: model.offset + start, length: variable.lowerBound - start))
                start = variable.upperBound
            }
            pieces.append(.init(offset: model.offset + start, length: model.length - start))
        }
        TextCodec.encode(pieces, arena, effort: effort, to: &writer)
    }

    private func writeCodes(_ codes: [UInt32], skeletons: Int, to writer: inout ByteWriter) {
        var counts = [UInt32](repeating: 0, count: skeletons + 1)
        for code in codes { counts[Int(code)] += 1 }
        CodeCodec.encode(codes, counts: counts, effort: effort, to: &writer)
    }
}
