import Bytes
import Records

/// Codes by the kind of their row (see `RowKinds`): a route goes with a few templates of messages, a pod with those of
/// its service. Each kind lists the codes that stand with it, most frequent first; a row of a kind with several keeps
/// the rank of its own among them, and one of a kind with a single code keeps nothing. The ranks stand kind by kind,
/// those with fewer codes first, so that a compressor finds like ones together.
///
/// `frame of a byte a kind: how many codes it has | byte planes of these codes | [frame in chunks of ranks]`.
enum KindCodec {
    /// Codes of one kind at most: a rank is a byte.
    private static let membersLimit = 255
    /// Pairs of a kind and a code that are counted.
    private static let pairsLimit = 1 << 17

    // MARK: Encoding

    /// What was counted, and about how many bytes it would take.
    struct Plan {
        fileprivate var members: KindKernels.Members
        let kinds: RowKinds
        let limit: Int
        let estimatedBytes: Int

        /// Codes below `limit`. Nil where kinds do not tell them apart. O(rows + kinds × codes).
        init?(_ codes: [UInt32], limit: Int, _ kinds: RowKinds) {
            guard limit > 0, limit <= 1 << 16, kinds.size * limit <= KindCodec.pairsLimit,
                let members = KindKernels.members(
                    codes, limit: limit, by: kinds.kinds, kindCount: kinds.size, room: codes.count / 8 + 16),
                members.sizes.allSatisfy({ $0 <= KindCodec.membersLimit })
            else { return nil }
            self.members = members
            self.kinds = kinds
            self.limit = limit
            var bits = 0.0
            var next = 0
            for (kind, size) in members.sizes.enumerated() {
                let end = next + Int(size)
                if size > 1 {
                    let own = CodeCodec.entropyBits(Array(members.counts[next..<end]), total: kinds.counts[kind])
                    bits += own * Double(kinds.counts[kind])
                }
                next = end
            }
            let perMember = limit > 256 ? 12 : 6
            estimatedBytes = (Int(bits) + members.codes.count * perMember + kinds.size) / 8 + 24
        }
    }

    static func encode(_ codes: [UInt32], _ plan: Plan, effort: EncodingEffort, to writer: inout ByteWriter) {
        let sizes = plan.members.sizes
        var ranked: [UInt64] = []
        var ranks = [UInt8](repeating: 0, count: plan.kinds.size * plan.limit)
        let members = plan.members.codes
        let counts = plan.members.counts
        ranked.reserveCapacity(members.count)
        var own: [UInt64] = []
        var next = 0
        for (kind, size) in sizes.enumerated() {
            // Most frequent first, then by code: one number orders both.
            own.removeAll(keepingCapacity: true)
            for place in next..<(next + Int(size)) { own.append(UInt64(~counts[place]) << 32 | UInt64(members[place])) }
            if size > 1 { own.sort() }
            for (rank, key) in own.enumerated() {
                let code = key & 0xFFFF_FFFF
                ranked.append(code)
                ranks[kind * plan.limit + Int(code)] = UInt8(rank)
            }
            next += Int(size)
        }
        ByteFrame.write(sizes.map { UInt8($0) }.rawSpan, effort: effort, to: &writer)
        IntegerCodec.writePlanes(ranked, width: width(plan.limit), effort: effort, to: &writer)
        let places = Places(sizes, plan.kinds)
        guard places.total > 0 else { return }
        let output = KindKernels.ranks(
            of: codes, limit: plan.limit, by: plan.kinds.kinds, ranks, starts: places.starts, steps: places.steps,
            total: places.total)
        ByteFrame.writeChunks(output.rawSpan, effort: effort, to: &writer)
    }

    /// Bits of a member.
    private static func width(_ limit: Int) -> Int { limit > 256 ? 16 : 8 }

    /// Where the ranks of each kind stand.
    private struct Places {
        /// The first of each kind; the end for kinds without ranks.
        var starts: [UInt32]
        /// 1 for kinds with ranks, one a row; 0 for the others.
        var steps: [UInt32]
        var total = 0

        init(_ sizes: [UInt32], _ kinds: RowKinds) {
            let order = sizes.indices.filter { sizes[$0] > 1 }.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
            starts = [UInt32](repeating: 0, count: sizes.count)
            steps = [UInt32](repeating: 0, count: sizes.count)
            for kind in order {
                starts[kind] = UInt32(total)
                steps[kind] = 1
                total += kinds.counts[kind]
            }
            for kind in sizes.indices where steps[kind] == 0 { starts[kind] = UInt32(total) }
        }
    }

    // MARK: Decoding

    /// Moves behind a payload whose codes are below `limit`. O(kinds).
    static func skip(_ reader: inout ByteReader, limit: Int) throws(CorruptionError) {
        let sizes = try ByteFrame.read(&reader)
        for _ in 0..<(width(limit) / 8) { try ByteFrame.skip(&reader) }
        if sizes.contains(where: { $0 > 1 }) { try ByteFrame.skip(&reader) }
    }

    /// A payload of this kind, its ranks not yet read.
    struct Layout {
        private let kinds: RowKinds
        private let sizes: [UInt32]
        /// Where the codes of each kind begin.
        private let firsts: [UInt32]
        private let members: [UInt32]
        private let places: Places

        /// Every code is below `limit`. The reader moves to the ranks.
        init(_ reader: inout ByteReader, limit: Int, _ kinds: RowKinds) throws(CorruptionError) {
            let start = reader.offset
            sizes = try ByteFrame.read(&reader, length: kinds.size).map(UInt32.init)
            var firsts: [UInt32] = []
            var total: UInt32 = 0
            // Each pair of a kind and a code stands in a row.
            guard sizes.reduce(0, { $0 + Int($1) }) <= kinds.kinds.count else {
                throw CorruptionError("more codes than rows", offset: start)
            }
            for (kind, size) in sizes.enumerated() {
                guard size > 0 || kinds.counts[kind] == 0 else {
                    throw CorruptionError("kind \(kind) without codes", offset: start)
                }
                firsts.append(total)
                total += size
            }
            members = try IntegerCodec.readPlanes(&reader, count: Int(total), width: width(limit))
                .map(UInt32.init(truncatingIfNeeded:))
            guard members.allSatisfy({ $0 < limit }) else {
                throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
            }
            self.firsts = firsts
            self.kinds = kinds
            places = Places(sizes, kinds)
        }

        /// All rows' codes; the reader moves behind the ranks. O(rows).
        func codes(_ reader: inout ByteReader) throws(CorruptionError) -> [UInt32] {
            if places.total == 0 {
                let single = firsts.indices.map { sizes[$0] > 0 ? members[Int(firsts[$0])] : 0 }
                return CodeKernels.take(single, kinds.kinds)
            }
            let start = reader.offset
            let ranks = try ByteFrame.read(&reader, length: places.total)
            let codes = KindKernels.codes(
                by: kinds.kinds, ranks, starts: places.starts, steps: places.steps, firsts: firsts, sizes: sizes,
                members: members)
            guard let codes else { throw CorruptionError("rank beyond the codes of its kind", offset: start) }
            return codes
        }

        /// Of codes that say whether rows have a value, 1 or 0: a bit a row, and how many have one.
        func presence(_ reader: inout ByteReader) throws(CorruptionError) -> (bits: [UInt8], present: Int) {
            PresenceKernels.presence(of: try codes(&reader), missing: 0)
        }

        /// Of codes that say whether rows have a value, 1 or 0: how many have one, and for some rows (ascending) the
        /// rank of each that has one, nil for the others. The reader moves behind the ranks. Nil, the reader unmoved,
        /// for too many rows. O(rows × kinds + ranks).
        func presence(
            _ reader: inout ByteReader, of rows: [Int]
        ) throws(CorruptionError) -> (count: Int, ranks: [Int?])? {
            guard let before = kinds.before(rows) else { return nil }
            let bytes = places.total > 0 ? try ByteFrame.read(&reader, length: places.total) : []
            let whole = sizes.indices.filter { sizes[$0] == 1 && members[Int(firsts[$0])] == 1 }
            var partial = sizes.indices.filter { places.steps[$0] == 1 }.map { kind in
                PartialKind(kind, UInt8(members[Int(firsts[kind])] == 1 ? 0 : 1), Int(places.starts[kind]))
            }
            let ranks = rows.enumerated().map { (place, row) -> Int? in
                let own = place * kinds.size
                var rank = whole.reduce(0) { $0 + Int(before[own + $1]) }
                var isPresent = members[Int(firsts[Int(kinds.kinds[row])])] == 1
                for index in partial.indices {
                    let kind = partial[index].kind
                    rank += partial[index].count(bytes, before: Int(before[own + kind]))
                    if kind == kinds.kinds[row] { isPresent = partial[index].isNextPresent(bytes) }
                }
                return isPresent ? rank : nil
            }
            var count = whole.reduce(0) { $0 + kinds.counts[$1] }
            for index in partial.indices {
                count += partial[index].count(bytes, before: kinds.counts[partial[index].kind])
            }
            return (count, ranks)
        }

        /// A kind of which some rows have a value, while its rows are counted.
        private struct PartialKind {
            let kind: Int
            /// The rank that means a value.
            let present: UInt8
            let start: Int
            private var next = 0
            private var seen = 0

            init(_ kind: Int, _ present: UInt8, _ start: Int) {
                self.kind = kind
                self.present = present
                self.start = start
            }

            /// Those with a value among the kind's first rows; no fewer rows than the last time.
            mutating func count(_ ranks: [UInt8], before rows: Int) -> Int {
                while next < rows {
                    if ranks[start + next] == present { seen += 1 }
                    next += 1
                }
                return seen
            }

            func isNextPresent(_ ranks: [UInt8]) -> Bool { ranks[start + next] == present }
        }

        /// The codes of some rows, ascending; the reader may stay before the ranks' end.
        func codes(_ reader: inout ByteReader, rows: [Int]) throws(CorruptionError) -> [UInt32] {
            var codes = [UInt32](repeating: 0, count: rows.count)
            var wanted: [(place: Int, rank: Int)] = []
            var own: [Int]?
            for (place, row) in rows.enumerated() {
                let kind = Int(kinds.kinds[row])
                codes[place] = members[Int(firsts[kind])]
                guard places.steps[kind] == 1 else { continue }
                let ranks = own ?? kinds.ranks(of: rows)
                own = ranks
                wanted.append((place, Int(places.starts[kind]) + ranks[place]))
            }
            guard !wanted.isEmpty else { return codes }
            let start = reader.offset
            wanted.sort { $0.rank < $1.rank }
            let ranks = try ByteFrame.gather(&reader, length: places.total, at: wanted.map(\.rank))
            for (index, entry) in wanted.enumerated() {
                let kind = Int(kinds.kinds[rows[entry.place]])
                let member = UInt32(ranks[index])
                guard member < sizes[kind] else {
                    throw CorruptionError("rank beyond the codes of its kind", offset: start)
                }
                codes[entry.place] = members[Int(firsts[kind] + member)]
            }
            return codes
        }
    }
}
