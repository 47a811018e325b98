import Bytes
import Records

/// Reads what `TemplateEncoder` wrote.
enum TemplateDecoder {
    static func decode(
        _ reader: inout ByteReader, count: Int, depth: Int
    ) throws(CorruptionError) -> StringColumn {
        let layout = try TemplateLayout(&reader, count: count)
        var parts = PartArena()
        var pools: [(values: PartArena.Values, contents: TemplateLayout.PoolContents)] = []
        for pool in layout.pools.indices {
            let contents = try layout.contents(of: pool, in: reader.bytes)
            pools.append((parts.addValues(contents.values), contents))
        }
        var kinds: [[PartArena.Source]] = [[]]
        for (skeleton, variables) in layout.variables.enumerated() {
            let rows = layout.counts[skeleton + 1]
            let pieces = layout.pieces(of: skeleton)
            var sources = [parts.add(.constant(pieces[0]), count: 1)]
            for (position, variable) in variables.enumerated() {
                switch variable {
                case .own(let range):
                    sources.append(parts.add(try decodeVariable(reader.bytes, range, rows, depth), count: rows))
                case .pooled(let pool):
                    let codes = pools[pool].contents.codes[skeleton][position] ?? []
                    sources.append(parts.add(codes: codes, of: pools[pool].values))
                }
                sources.append(parts.add(.constant(pieces[position + 1]), count: 1))
            }
            kinds.append(sources.filter { !$0.isEmpty })
        }
        let rows = layout.counts[0]
        let whole = rows > 0 ? try ColumnDecoder.decode(&reader, count: rows, depth: depth + 1) : .missing
        kinds[0] = [parts.add(whole, count: rows)]
        return render(layout.codes, kinds, parts)
    }

    private static func decodeVariable(
        _ bytes: RawSpan, _ range: Range<Int>, _ count: Int, _ depth: Int
    ) throws(CorruptionError) -> ColumnVector {
        var reader = ByteReader(bytes, at: range.lowerBound)
        let column = try ColumnDecoder.decode(&reader, count: count, depth: depth + 1)
        guard reader.offset == range.upperBound else {
            throw CorruptionError("variable column does not end", offset: reader.offset)
        }
        return column
    }

    /// Puts the texts together: all pieces and variables are laid into one arena first, a text is then a run of
    /// slices of it, and one call copies them all.
    private static func render(_ codes: [UInt32], _ kinds: [[PartArena.Source]], _ parts: PartArena) -> StringColumn {
        var next = [Int](repeating: 0, count: kinds.count)
        var slices: [RecordBatch.Slice] = []
        slices.reserveCapacity(codes.count * 5)
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(codes.count + 1)
        var end = 0
        for code in codes {
            let row = next[Int(code)]
            next[Int(code)] = row + 1
            for index in kinds[Int(code)].indices {
                let slice = parts.slice(kinds[Int(code)][index], row)
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
