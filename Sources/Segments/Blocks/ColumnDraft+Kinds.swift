import Bytes
import Records

extension [ColumnDraft] {
    /// Columns that cost less are left as they are.
    private static var kindedFloor: Int { 96 }
    /// What must be won at least: reading takes a little longer.
    private static var kindedGain: Int { 64 }
    /// Columns that may tell the kinds of rows, at most: columns of templates, or without those of few values.
    private static var parentsLimit: Int { 3 }
    private static var parentValuesLimit: Int { 256 }

    /// Rewrites dictionaries and presence bits by the kinds of rows that another column tells, where that is smaller.
    /// A column that others refer to stays as it is, and so does one that tells kinds, so that there are no chains.
    /// O(columns × rows).
    mutating func kindColumns(effort: EncodingEffort) {
        let referents = Set(indices.compactMap { self[$0].statistics.encoding == .referred ? self[$0].decider : nil })
        var parents: [(position: Int, kinds: RowKinds)] = kindParents(without: referents)
        let ordered = indices.filter { !referents.contains($0) && isKindable($0) }
            .sorted { self[$0].payload.count > self[$1].payload.count }
        var used = Set<Int>()
        for position in ordered where !used.contains(position) {
            var best: (payload: [UInt8], isSparse: Bool, parent: Int)?
            for parent in parents where parent.position != position {
                let limit = Swift.min(
                    best?.payload.count ?? .max, self[position].payload.count - Self.kindedGain)
                if let found = kinded(position, by: parent, below: limit, effort) {
                    best = (found.payload, found.isSparse, parent.position)
                }
            }
            guard let best else { continue }
            self[position].payload = best.payload
            if !best.isSparse { self[position].statistics.encoding = .derived }
            used.insert(best.parent)
            parents.removeAll { $0.position == position }
        }
    }

    /// Columns of templates; without any, the columns of few values that have the most of them.
    private func kindParents(without excluded: Set<Int>) -> [(position: Int, kinds: RowKinds)] {
        let templates = indices.filter { self[$0].templateKinds != nil }.prefix(Self.parentsLimit)
        if !templates.isEmpty { return templates.map { ($0, self[$0].templateKinds!) } }
        let few = indices.filter { position in
            guard let parts = self[position].parts, self[position].statistics.encoding == .dictionary,
                !excluded.contains(position)
            else { return false }
            return (2...Self.parentValuesLimit).contains(parts.dictionary.values.count)
        }
        let sorted = few.sorted { self[$0].parts!.dictionary.values.count > self[$1].parts!.dictionary.values.count }
        return sorted.prefix(Self.parentsLimit).map { position in
            let dictionary = self[position].parts!.dictionary
            return (position, RowKinds(dictionary.codes, size: dictionary.values.count))
        }
    }

    private func isKindable(_ position: Int) -> Bool {
        [.dictionary, .sparse].contains(self[position].statistics.encoding)
            && self[position].payload.count > Self.kindedFloor
    }

    /// The column by kinds, whichever form is smaller, if it takes fewer bytes than `limit`.
    private func kinded(
        _ position: Int, by parent: (position: Int, kinds: RowKinds), below limit: Int, _ effort: EncodingEffort
    ) -> (payload: [UInt8], isSparse: Bool)? {
        let coded = codesByKind(position, by: parent, below: limit, effort)
        guard self[position].statistics.encoding == .sparse,
            let sparse = presenceByKind(position, by: parent, below: Swift.min(limit, coded?.count ?? .max), effort)
        else { return coded.map { ($0, false) } }
        return (sparse, true)
    }

    /// A dictionary whose codes are kept by kind, the missing value one of them.
    private func codesByKind(
        _ position: Int, by parent: (position: Int, kinds: RowKinds), below limit: Int, _ effort: EncodingEffort
    ) -> [UInt8]? {
        let parts: ColumnEncoder.DictionaryParts
        let codes: [UInt32]
        let isSparse = self[position].statistics.encoding == .sparse
        if isSparse {
            guard let own = self[position].ownParts else { return nil }
            let presence = presence(position)
            guard own.dictionary.codes.count == presence.present else { return nil }
            parts = own
            codes = PresenceKernels.spread(
                codes: own.dictionary.codes, presence.bits, rows: parent.kinds.kinds.count,
                missing: UInt32(own.dictionary.values.count))
        } else {
            guard let own = self[position].parts else { return nil }
            parts = own
            codes = own.dictionary.codes
        }
        let size = parts.dictionary.values.count
        guard codes.count == parent.kinds.kinds.count,
            let plan = KindCodec.Plan(codes, limit: size + (isSparse ? 1 : 0), parent.kinds),
            plan.estimatedBytes + parts.values.count < limit
        else { return nil }
        var writer = ByteWriter()
        writer.write(ColumnEncoding.kinded.rawValue)
        writer.writeVarint(parent.position)
        writer.writeVarint(size)
        writer.write(UInt8(isSparse ? 1 : 0))
        writer.writeCounted(parts.values)
        KindCodec.encode(codes, plan, effort: effort, to: &writer)
        return writer.count < limit ? writer.bytes : nil
    }

    /// A sparse column whose presence is kept by kind.
    private func presenceByKind(
        _ position: Int, by parent: (position: Int, kinds: RowKinds), below limit: Int, _ effort: EncodingEffort
    ) -> [UInt8]? {
        let payload = self[position].payload
        guard let dense = SparseCodec.denseStart(payload.rawSpan) else { return nil }
        let presence = presence(position)
        let rows = parent.kinds.kinds.count
        let codes = PresenceKernels.spread(
            codes: [UInt32](repeating: 1, count: presence.present), presence.bits, rows: rows, missing: 0)
        guard let plan = KindCodec.Plan(codes, limit: 2, parent.kinds),
            plan.estimatedBytes + payload.count - dense < limit
        else { return nil }
        var writer = ByteWriter(capacity: payload.count - dense + 256)
        writer.write(ColumnEncoding.kindedSparse.rawValue)
        writer.writeVarint(parent.position)
        KindCodec.encode(codes, plan, effort: effort, to: &writer)
        writer.write([UInt8](payload[dense...]))
        return writer.count < limit ? writer.bytes : nil
    }
}
