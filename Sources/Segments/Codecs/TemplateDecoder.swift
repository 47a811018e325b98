import Bytes
import Records

/// Reads what `TemplateEncoder` wrote.
enum TemplateDecoder {
    /// The static text of one kind of message: one more piece than it has variables.
    struct Skeleton {
        var pieces: [ByteString]
        var variableCount: Int { pieces.count - 1 }
    }

    /// Skeletons and every row's code, 0 for a text kept whole.
    struct Head {
        var skeletons: [Skeleton]
        var codes: [UInt32]

        /// Rows of each code.
        var counts: [Int] {
            var counts = [Int](repeating: 0, count: skeletons.count + 1)
            for code in codes { counts[Int(code)] += 1 }
            return counts
        }
    }

    private static let variablesLimit = 65_536

    static func readHead(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> Head {
        let start = reader.offset
        let size = try reader.readCount(limit: TemplateSplit.skeletonsLimit)
        var pieceCounts: [Int] = []
        for _ in 0..<size { pieceCounts.append(try reader.readCount(limit: variablesLimit)) }
        let total = pieceCounts.reduce(0, +)
        guard size > 0, pieceCounts.allSatisfy({ $0 > 0 }), total <= ByteFrame.maximumLength else {
            throw CorruptionError("skeletons without pieces", offset: start)
        }
        let lengths = try IntegerCodec.decode(&reader, count: total)
        let text = try ByteFrame.read(&reader)
        var skeletons: [Skeleton] = []
        var next = 0
        var end = 0
        for pieceCount in pieceCounts {
            var pieces: [ByteString] = []
            for _ in 0..<pieceCount {
                guard lengths[next] >= 0, lengths[next] <= text.count - end else {
                    throw CorruptionError("skeleton piece beyond its text", offset: start)
                }
                let length = Int(lengths[next])
                pieces.append(ByteString(text[end..<(end + length)]))
                end += length
                next += 1
            }
            skeletons.append(Skeleton(pieces: pieces))
        }
        guard end == text.count else { throw CorruptionError("skeleton text left over", offset: start) }
        let codes = try CodeCodec.decode(&reader, count: count, limit: size + 1)
        return Head(skeletons: skeletons, codes: codes)
    }

    static func decode(
        _ reader: inout ByteReader, count: Int, depth: Int
    ) throws(CorruptionError) -> StringColumn {
        let head = try readHead(&reader, count: count)
        let counts = head.counts
        var variables: [[ColumnVector]] = [[]]
        for (position, skeleton) in head.skeletons.enumerated() {
            var columns: [ColumnVector] = []
            for _ in 0..<skeleton.variableCount {
                guard counts[position + 1] > 0 else {
                    throw CorruptionError("skeleton without rows", offset: reader.offset)
                }
                columns.append(try decodeVariable(&reader, count: counts[position + 1], depth: depth))
            }
            variables.append(columns)
        }
        let whole = counts[0] > 0 ? try ColumnDecoder.decode(&reader, count: counts[0], depth: depth + 1) : .missing
        return render(head, variables, whole)
    }

    private static func decodeVariable(
        _ reader: inout ByteReader, count: Int, depth: Int
    ) throws(CorruptionError) -> ColumnVector {
        let length = try reader.readCount(limit: reader.remaining)
        let end = reader.offset + length
        let column = try ColumnDecoder.decode(&reader, count: count, depth: depth + 1)
        guard reader.offset == end else { throw CorruptionError("variable column does not end", offset: reader.offset) }
        return column
    }

    /// Puts the texts together: all pieces and variables are laid into one arena first, a text is then a run of
    /// slices of it, and one call copies them all.
    private static func render(_ head: Head, _ variables: [[ColumnVector]], _ whole: ColumnVector) -> StringColumn {
        var parts = PartArena()
        var kinds: [[PartArena.Source]] = [[parts.add(whole, count: head.counts[0])]]
        for (position, skeleton) in head.skeletons.enumerated() {
            var sources = [parts.add(.constant(skeleton.pieces[0]), count: 1)]
            for (column, vector) in variables[position + 1].enumerated() {
                sources.append(parts.add(vector, count: head.counts[position + 1]))
                sources.append(parts.add(.constant(skeleton.pieces[column + 1]), count: 1))
            }
            kinds.append(sources.filter { !$0.isEmpty })
        }
        var next = [Int](repeating: 0, count: kinds.count)
        var slices: [RecordBatch.Slice] = []
        slices.reserveCapacity(head.codes.count * 5)
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(head.codes.count + 1)
        var end = 0
        for code in head.codes {
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
