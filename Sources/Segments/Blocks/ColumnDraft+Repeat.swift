import Bytes
import Records

extension [ColumnDraft] {
    /// Columns that cost less are left as they are.
    private static var repeatedFloor: Int { 512 }
    /// Columns that are looked at, at most: those that cost most.
    private static var repeatedLimit: Int { 64 }
    /// What must be won at least.
    private static var repeatedGain: Int { 64 }

    /// Rewrites the columns whose values are those of another column, or texts that hold those of others, where that is
    /// smaller. One that is repeated, or `told` inside of texts, repeats none, so that there are no chains.
    /// O(columns² × samples), and O(rows + bytes) for each column that is likely to repeat others.
    mutating func repeatColumns(_ arena: [UInt8], rows: Int, without told: Set<Int>, effort: EncodingEffort) {
        let looked = indices.filter { self[$0].statistics.encoding != .constant }
            .sorted { (self[$1].payload.count, $0) < (self[$0].payload.count, $1) }.prefix(Self.repeatedLimit)
        let costly = looked.filter { self[$0].payload.count >= Self.repeatedFloor }
        guard looked.count > 1, !costly.isEmpty else { return }
        let samples = ColumnSamples(self, [Int](looked), rowCount: rows, arena.rawSpan)
        let search = RepetitionSearch(samples: samples, others: [Int](looked))
        var texts = RowTexts(arena: arena)
        var repeated = told
        var repeating = Set<Int>()
        for position in costly where !repeated.contains(position) && !samples.values[position].isEmpty {
            guard let found = search.find(position, isWhole: !mayHoldOthers(position), without: repeating),
                let repetition = texts.repetition(self, position, found.others, isEqual: found.isEqual)
            else { continue }
            let payload = RepeatedCodec.encode(repetition, texts.arena.rawSpan, effort: effort)
            let size = effort.size(payload)
            let former = effort.size(self[position].payload)
            guard size + Self.repeatedGain <= former, size < former * 7 / 8 else { continue }
            repeated.formUnion(found.others)
            repeating.insert(position)
            self[position].makeRepeated(payload, repetition)
        }
    }

    /// Messages are asked for by their templates, identifiers by their values, and few values are left to a dictionary.
    private func mayHoldOthers(_ position: Int) -> Bool {
        self[position].name != StandardFields.message && !self[position].isIdentifier
            && self[position].statistics.distinct == 0
    }
}

extension ColumnDraft {
    fileprivate mutating func makeRepeated(_ payload: [UInt8], _ repetition: RepeatedCodec.Repetition) {
        self.payload = payload
        statistics.encoding = .same
        parts = nil
        ownParts = nil
        templateKinds = nil
        // The column that is read in its place has a filter of the same words.
        if repetition.isPlain { words = nil }
    }
}

extension RepeatedCodec.Repetition {
    fileprivate var isPlain: Bool { others.count == 1 && presence == nil && exceptions.isEmpty && rests.isEmpty }
}

/// The values of all rows of some columns as texts.
private struct RowTexts {
    /// All texts point into it. That of the block, until a column's values must be laid down as texts.
    private(set) var arena: [UInt8]
    private var known: [Int: [RecordBatch.Slice]] = [:]
    /// Rows for each exception at least.
    private static let rowsPerException = 16

    init(arena: [UInt8]) { self.arena = arena }

    private mutating func texts(_ drafts: [ColumnDraft], _ position: Int) -> [RecordBatch.Slice] {
        if let texts = known[position] { return texts }
        let texts =
            switch drafts[position].source {
            case .slices(let slices): slices
            case .coded(let coded): coded.slices
            case .sparse(let sparse): sparse.spread
            case .typed(let typed): typed.slices(in: &arena)
            case .parts(let parts): parts.slices(in: &arena)
            }
        known[position] = texts
        return texts
    }

    /// Nil where too many rows are exceptions. O(rows + bytes).
    mutating func repetition(
        _ drafts: [ColumnDraft], _ position: Int, _ others: [Int], isEqual: Bool
    ) -> RepeatedCodec.Repetition? {
        let own = texts(drafts, position)
        let columns = others.map { texts(drafts, $0) }
        let bytes = arena.rawSpan
        let present = own.reduce(0) { $0 + ($1.length > 0 ? 1 : 0) }
        // Without presence told, rows without a value in both are the same.
        let areTold =
            isEqual ? own.indices.contains { own[$0].length == 0 && columns[0][$0].length > 0 } : present < own.count
        var found = RepeatedCodec.Repetition(others: others)
        if areTold { found.presence = PresenceKernels.presence(ofSlices: own.rawSpan) }
        if !isEqual { found.rests = [[RecordBatch.Slice]](repeating: [], count: others.count + 1) }
        let limit = present / Self.rowsPerException
        for row in own.indices where own[row].length > 0 || !areTold {
            let isRegular =
                isEqual ? Self.areEqual(own[row], columns[0][row], bytes) : found.take(own[row], columns, row, bytes)
            if isRegular { continue }
            found.exceptions.append(Int64(row))
            found.exceptionValues.append(own[row])
            if found.exceptions.count > limit { return nil }
        }
        return found
    }

    private static func areEqual(_ one: RecordBatch.Slice, _ other: RecordBatch.Slice, _ arena: RawSpan) -> Bool {
        one.length == other.length
            && arena.slice(Int(one.offset), Int(one.length)).equals(arena.slice(Int(other.offset), Int(other.length)))
    }
}

extension RepeatedCodec.Repetition {
    /// Takes a text apart into what the columns hold and the rests; false, with nothing taken, where it does not hold
    /// them in their order.
    fileprivate mutating func take(
        _ text: RecordBatch.Slice, _ columns: [[RecordBatch.Slice]], _ row: Int, _ arena: RawSpan
    ) -> Bool {
        var start = text.offset
        let end = text.offset + text.length
        for place in columns.indices {
            let value = columns[place][row]
            let rest = arena.slice(Int(start), Int(end - start))
            guard value.length > 0,
                let found = firstRange(of: arena.slice(Int(value.offset), Int(value.length)), in: rest)
            else {
                for taken in 0..<place { rests[taken].removeLast() }
                return false
            }
            rests[place].append(.init(offset: start, length: UInt32(found)))
            start += UInt32(found) + value.length
        }
        rests[columns.count].append(.init(offset: start, length: end - start))
        return true
    }
}
