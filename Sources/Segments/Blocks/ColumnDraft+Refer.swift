import Bytes
import Records

extension [ColumnDraft] {
    /// Columns that cost less are left as they are.
    private static var referredFloor: Int { 512 }

    /// Rewrites columns of identifiers whose values stand in another column of the block as well (the parent's span) as
    /// references to it, where that is smaller. A column that others are derived from, or refer to, stays as it is, so
    /// that there are no chains. O(rows) for each pair of columns of one shape.
    mutating func referColumns(_ arena: RawSpan, effort: EncodingEffort) {
        var needed = Set(compactMap(\.decider))
        for position in indices where !needed.contains(position) && isReferable(position) {
            let others = indices.filter { $0 != position && isReferent($0, for: position) }
            guard !others.isEmpty, let values = dictionary(position, arena) else { continue }
            var best: (other: Int, payload: [UInt8])?
            for other in others {
                guard let entries = entries(other),
                    let reference = ReferredCodec.find(values.values, in: entries, arena)
                else { continue }
                var writer = ByteWriter()
                ReferredCodec.encode(
                    reference, on: other, values, presence(position), arena, effort: effort, to: &writer)
                if writer.count < best?.payload.count ?? (self[position].payload.count * 7 / 8) {
                    best = (other, writer.bytes)
                }
            }
            guard let best else { continue }
            self[position].payload = best.payload
            self[position].statistics.encoding = .referred
            self[position].statistics.distinct = values.values.count
            self[position].decider = best.other
            needed.insert(best.other)
        }
    }

    private func isReferable(_ position: Int) -> Bool {
        let statistics = self[position].statistics
        return self[position].isIdentifier && statistics.hexDigits > 0
            && [.dictionary, .sparse, .hexadecimal, .uuid].contains(statistics.encoding)
            && self[position].payload.count > Self.referredFloor
    }

    private func isReferent(_ other: Int, for position: Int) -> Bool {
        let own = self[position].statistics
        let statistics = self[other].statistics
        return statistics.hexDigits == own.hexDigits && statistics.valueEncoding == own.valueEncoding
            && [.hexadecimal, .uuid, .sparse, .dictionary].contains(statistics.encoding)
    }

    /// The present values as a dictionary, whether or not they are written as one.
    private func dictionary(_ position: Int, _ arena: RawSpan) -> DictionaryBuilder? {
        if let dictionary = self[position].ownParts?.dictionary {
            guard let empty = dictionary.values.firstIndex(where: { $0.length == 0 }) else { return dictionary }
            return dictionary.removing(UInt32(empty))
        }
        let slices = PresenceKernels.present(self[position].source.slices)
        let union = CodeKernels.union(slices.rawSpan, arena)
        guard union.firsts.count <= Limits.dictionaryValues else { return nil }
        let counts = CodeKernels.counts(union.codes, limit: union.firsts.count).map(UInt32.init)
        return DictionaryBuilder(
            values: union.firsts.map { slices[Int($0)] }, codes: union.codes, counts: counts)
    }

    /// The values that `EncodedBlock.readEntries` reads: those of a dictionary, else the present ones row by row.
    private func entries(_ other: Int) -> [RecordBatch.Slice]? {
        let statistics = self[other].statistics
        if statistics.distinct > 0 {
            return statistics.encoding == .dictionary ? self[other].ownParts?.dictionary.values : nil
        }
        return PresenceKernels.present(self[other].source.slices)
    }

    /// 1 for each row with a value.
    private func presence(_ position: Int) -> [UInt32] {
        switch self[position].source {
        case .slices(let slices): return slices.map { $0.length > 0 ? 1 : 0 }
        case .coded(let coded):
            let present = coded.values.map { UInt32($0.length > 0 ? 1 : 0) }
            return CodeKernels.take(present, coded.codes)
        }
    }
}
