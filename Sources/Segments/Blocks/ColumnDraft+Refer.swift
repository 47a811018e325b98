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
            guard !others.isEmpty, let own = entries(position, arena) else { continue }
            var values: ReferredCodec.Distinct?
            var best: (other: Int, payload: [UInt8])?
            for other in others {
                guard let entries = entries(other, arena), ReferredCodec.isLikely(own, in: entries) else { continue }
                let empty = self[other].statistics.distinct > 0 ? emptyEntry(other) : nil
                if values == nil { values = distinct(position, arena) }
                guard let values, let reference = ReferredCodec.find(values.values, in: entries, without: empty)
                else { continue }
                var writer = ByteWriter()
                ReferredCodec.encode(reference, on: other, values, presence(position), effort: effort, to: &writer)
                if writer.count < best?.payload.count ?? (self[position].payload.count * 7 / 8) {
                    best = (other, writer.bytes)
                }
            }
            guard let best, let values else { continue }
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
        // The values of a sparse dictionary are no entries.
        if statistics.distinct > 0, statistics.encoding != .dictionary { return false }
        return statistics.hexDigits == own.hexDigits && statistics.valueEncoding == own.valueEncoding
            && [.hexadecimal, .uuid, .sparse, .dictionary].contains(statistics.encoding)
    }

    /// The present values as a dictionary, whether or not they are written as one.
    private func distinct(_ position: Int, _ arena: RawSpan) -> ReferredCodec.Distinct? {
        if let dictionary = self[position].ownParts?.dictionary {
            let empty = dictionary.values.firstIndex { $0.length == 0 }
            let present = empty.map { dictionary.removing(UInt32($0)) } ?? dictionary
            return binary(present.values, position, arena).map {
                .init(values: $0, codes: present.codes, counts: present.counts)
            }
        }
        guard let rows = entries(position, arena),
            let found = TypedValues.hex(rows).dictionary(limit: Swift.max(rows.count, 1)),
            found.firsts.count <= Limits.dictionaryValues,
            case .hex(let values) = TypedValues.hex(rows).taking(found.firsts)
        else { return nil }
        return .init(values: values, codes: found.codes, counts: found.counts)
    }

    /// The place of the empty value in a dictionary.
    private func emptyEntry(_ other: Int) -> Int? {
        self[other].ownParts?.dictionary.values.firstIndex { $0.length == 0 }
    }

    /// The values that `EncodedBlock.readEntries` reads, the empty one left out: those of a dictionary, else the
    /// present ones row by row.
    private func entries(_ other: Int, _ arena: RawSpan) -> HexValues? {
        let statistics = self[other].statistics
        if statistics.distinct > 0 {
            guard let values = self[other].ownParts?.dictionary.values else { return nil }
            return binary(PresenceKernels.present(values), other, arena)
        }
        switch self[other].source {
        case .typed(let typed):
            guard case .hex(let values) = typed.values else { return nil }
            return values
        case .slices(let slices): return binary(PresenceKernels.present(slices), other, arena)
        case .sparse(let sparse): return binary(sparse.slices, other, arena)
        case .coded(let coded): return binary(PresenceKernels.present(coded.slices), other, arena)
        case .parts: return nil
        }
    }

    private func binary(_ slices: [RecordBatch.Slice], _ position: Int, _ arena: RawSpan) -> HexValues? {
        let statistics = self[position].statistics
        let hasDashes = statistics.valueEncoding == .uuid
        for upperCase in [false, true] {
            let binary = SliceKernels.decodeHex(
                slices.rawSpan, arena, digits: statistics.hexDigits, upperCase: upperCase, dashes: hasDashes)
            guard let binary else { continue }
            return HexValues(
                binary: binary, digits: statistics.hexDigits, isUpperCase: upperCase, hasDashes: hasDashes)
        }
        return nil
    }

    /// A bit for each row with a value, and how many have one.
    func presence(_ position: Int) -> (bits: [UInt8], present: Int) {
        switch self[position].source {
        case .typed(let typed): return (typed.bits, typed.values.count)
        case .slices(let slices): return PresenceKernels.presence(ofSlices: slices.rawSpan)
        case .sparse(let sparse): return (sparse.bits, sparse.slices.count)
        case .coded(let coded):
            let missing = coded.values.firstIndex { $0.length == 0 }
            return PresenceKernels.presence(of: coded.codes, missing: missing.map(UInt32.init) ?? .max)
        case .parts(let parts): return (parts.bits, parts.codes.count)
        }
    }
}
