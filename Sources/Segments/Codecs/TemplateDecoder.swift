import Bytes
import Records

/// Reads what `TemplateEncoder` wrote.
enum TemplateDecoder {
    /// A static piece or a variable of a kind of texts.
    private struct Part {
        var source: PartArena.Source
        /// The pool of which it takes the next occurrence; -1 for the row's own value.
        var pool = -1
        /// The part of the same text that it repeats, or -1.
        var earlier = -1
    }

    static func decode(
        _ reader: inout ByteReader, count: Int, depth: Int, times: RowTimes?
    ) throws(CorruptionError) -> StringColumn {
        let layout = try TemplateLayout(&reader, count: count)
        var parts = PartArena()
        var pools: [PartArena.Source] = []
        for (pool, entry) in layout.pools.enumerated() {
            pools.append(
                parts.add(try layout.values(of: pool, in: reader.bytes, times: times), count: entry.occurrences))
        }
        var kinds: [[Part]] = [[]]
        var columns: [Int: ColumnVector] = [:]
        for (skeleton, variables) in layout.variables.enumerated() {
            let rows = layout.counts[skeleton + 1]
            let pieces = layout.pieces(of: skeleton)
            var own = [Part(source: parts.add(.constant(pieces[0]), count: 1))]
            for (position, variable) in variables.enumerated() {
                switch variable {
                case .own(let range):
                    let vector = try decodeVariable(range, of: skeleton, layout, reader.bytes, depth, times)
                    own.append(Part(source: parts.add(vector, count: rows)))
                case .told(let other):
                    let vector = try layout.told(other, of: skeleton, times, &columns)
                    own.append(Part(source: parts.add(vector, count: rows)))
                case .pooled(let pool): own.append(Part(source: pools[pool], pool: pool))
                case .same(let earlier):
                    own.append(Part(source: own[2 * earlier + 1].source, earlier: 2 * earlier + 1))
                }
                own.append(Part(source: parts.add(.constant(pieces[position + 1]), count: 1)))
            }
            kinds.append(own)
        }
        let rows = layout.counts[0]
        let whole = rows > 0 ? try ColumnDecoder.decode(&reader, count: rows, depth: depth + 1) : .missing
        kinds[0] = [Part(source: parts.add(whole, count: rows))]
        return render(layout.codes, kinds.map(withoutEmpty), pools: pools.count, parts)
    }

    /// A variable of a skeleton that has a column of its own.
    static func decodeVariable(
        _ range: Range<Int>, of skeleton: Int, _ layout: TemplateLayout, _ bytes: RawSpan, _ depth: Int,
        _ times: RowTimes?
    ) throws(CorruptionError) -> ColumnVector {
        var reader = ByteReader(bytes, at: range.lowerBound)
        if let clock = try ClockCodec.readLayout(&reader) {
            return .strings(clock.texts(try layout.times(times, of: layout.rows(of: skeleton))))
        }
        let column = try ColumnDecoder.decode(&reader, count: layout.counts[skeleton + 1], depth: depth + 1)
        guard reader.offset == range.upperBound else {
            throw CorruptionError("variable column does not end", offset: reader.offset)
        }
        return column
    }

    /// The parts of a kind that have any text.
    private static func withoutEmpty(_ parts: [Part]) -> [Part] {
        var places: [Int] = []
        var kept: [Part] = []
        for part in parts {
            places.append(kept.count)
            if part.source.isEmpty { continue }
            kept.append(part)
            if part.earlier >= 0 { kept[kept.count - 1].earlier = places[part.earlier] }
        }
        return kept
    }

    /// Puts the texts together: all pieces and variables are laid into one arena first, a text is then a run of
    /// slices of it, and one call copies them all.
    private static func render(_ codes: [UInt32], _ kinds: [[Part]], pools: Int, _ parts: PartArena) -> StringColumn {
        var next = [Int](repeating: 0, count: kinds.count)
        var nextOccurrence = [Int](repeating: 0, count: pools)
        var slices: [RecordBatch.Slice] = []
        slices.reserveCapacity(codes.count * 5)
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(codes.count + 1)
        var end = 0
        for code in codes {
            let row = next[Int(code)]
            next[Int(code)] = row + 1
            let first = slices.count
            for index in kinds[Int(code)].indices {
                let part = kinds[Int(code)][index]
                let slice: RecordBatch.Slice
                if part.earlier >= 0 {
                    slice = slices[first + part.earlier]
                } else if part.pool >= 0 {
                    slice = parts.slice(part.source, nextOccurrence[part.pool])
                    nextOccurrence[part.pool] += 1
                } else {
                    slice = parts.slice(part.source, row)
                }
                slices.append(slice)
                end += Int(slice.length)
            }
            precondition(end <= UInt32.max)
            offsets.append(UInt32(end))
        }
        let text = SliceKernels.gather(slices.rawSpan, parts.arena.rawSpan, byteCount: end)
        return StringColumn(arena: text, offsets: offsets)
    }
}
