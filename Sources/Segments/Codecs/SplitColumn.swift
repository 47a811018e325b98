import Bytes
import Records

/// Texts taken apart as a commit group keeps them: static texts once, variables as they came, one row's behind the
/// other's. Sealing takes them from here and need not look at any text again.
///
/// `kinds varint | pieces varint a kind | all pieces as texts | codes (0: a text kept whole, else kind + 1) |
/// frame of a byte a variable: its length, 255 for a long one | long ones varint, length varint each | frame of all
/// variables`. A text that is kept whole is a variable without pieces.
struct SplitColumn {
    /// Static texts, one more than variables to a kind, and the first of each kind and their end.
    var pieces: StringColumn
    var firstPieces: [Int]
    /// A row's kind + 1; 0 for a text that is one variable.
    var codes: [UInt32]
    /// The variables in `arena`, which ascend: offset in the low half, length in the high half.
    var variables: [UInt64]
    /// Where the variables of each row begin, and their end.
    var firsts: [UInt32]
    var arena: [UInt8]

    static let longLength = 255

    var rowCount: Int { codes.count }
    var kindCount: Int { firstPieces.count - 1 }

    func variableCount(of code: Int) -> Int {
        code == 0 ? 1 : firstPieces[code] - firstPieces[code - 1] - 1
    }

    /// Bytes of the static text of a code.
    func staticBytes(of code: Int) -> Int {
        code == 0 ? 0 : Int(pieces.offsets[firstPieces[code]] - pieces.offsets[firstPieces[code - 1]])
    }

    /// Bytes of a row's text.
    func length(_ row: Int) -> Int {
        (firsts[row]..<firsts[row + 1]).reduce(staticBytes(of: Int(codes[row]))) { $0 + Int(variables[Int($1)] >> 32) }
    }

    /// Bytes of all texts. O(rows + variables).
    var byteCount: Int {
        codes.reduce(0) { $0 + staticBytes(of: Int($1)) } + variables.reduce(0) { $0 + Int($1 >> 32) }
    }

    /// The encoding's number has been read. O(rows + bytes).
    init(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
        let start = reader.offset
        let size = try reader.readCount(limit: TemplateSplit.skeletonsLimit)
        firstPieces = [0]
        for _ in 0..<size {
            let own = try reader.readCount(limit: maximumVariables + 1)
            guard own > 0 else { throw CorruptionError("kind without pieces", offset: start) }
            firstPieces.append(firstPieces[firstPieces.count - 1] + own)
        }
        pieces = StringColumn()
        if size > 0 { pieces = try TextCodec.decode(&reader, count: firstPieces[size]) }
        codes = try CodeCodec.decode(&reader, count: count, limit: size + 1)
        var widths: [UInt32] = [1]
        for kind in 0..<size { widths.append(UInt32(firstPieces[kind + 1] - firstPieces[kind] - 1)) }
        firsts = [0]
        firsts.reserveCapacity(count + 1)
        var total: UInt32 = 0
        for code in codes {
            total += widths[Int(code)]
            firsts.append(total)
        }
        let lengths = try ByteFrame.read(&reader, length: Int(total))
        let longCount = try reader.readCount(limit: lengths.count)
        var long: [Int] = []
        for _ in 0..<longCount { long.append(try reader.readCount(limit: ByteFrame.maximumLength)) }
        variables = []
        variables.reserveCapacity(lengths.count)
        var end: UInt64 = 0
        var nextLong = 0
        for byte in lengths {
            var length = UInt64(byte)
            if byte == Self.longLength {
                guard nextLong < longCount else { throw CorruptionError("long variables", offset: start) }
                length = UInt64(long[nextLong])
                nextLong += 1
            }
            variables.append(end | length << 32)
            end += length
            guard end <= ByteFrame.maximumLength else { throw CorruptionError("\(end) bytes of text", offset: start) }
        }
        guard nextLong == longCount else { throw CorruptionError("long variables left over", offset: start) }
        arena = try ByteFrame.read(&reader, length: Int(end))
        guard byteCount <= ByteFrame.maximumLength else { throw CorruptionError("\(byteCount) bytes", offset: start) }
    }

    /// Takes texts apart that nobody has. O(bytes).
    init(_ texts: StringColumn) {
        let slices = (0..<texts.count).map {
            RecordBatch.Slice(offset: texts.offsets[$0], length: UInt32(texts.length($0)))
        }
        let parts = TextParts(slices, texts.arena.rawSpan)
        self.init(parts, slices, texts.arena.rawSpan)
        arena = texts.arena
    }

    /// All but the arena, in which the slices stand. O(rows + variables + static text).
    init(_ parts: TextParts, _ slices: [RecordBatch.Slice], _ arena: RawSpan) {
        firstPieces = [0]
        var text = TextBuilder(rows: parts.kinds.count * 4, bytes: parts.kinds.count * 64)
        for kind in parts.kinds {
            for piece in kind.pieces {
                text.arena.append(copying: arena.slice(Int(piece.offset), Int(piece.length)))
                text.endValue()
            }
            firstPieces.append(firstPieces[firstPieces.count - 1] + kind.variables.count + 1)
        }
        pieces = text.column
        codes = parts.codes
        self.arena = []
        firsts = [0]
        firsts.reserveCapacity(codes.count + 1)
        variables = parts.variables
        let widths = [1] + parts.kinds.map { UInt32($0.variables.count) }
        guard parts.counts[0] > 0 else {
            var total: UInt32 = 0
            for code in codes {
                total += widths[Int(code)]
                firsts.append(total)
            }
            return
        }
        // Texts that are kept whole come between the others.
        variables = []
        var next = 0
        for (row, code) in codes.enumerated() {
            if code == 0 {
                variables.append(slices[row].packed)
            } else {
                variables += parts.variables[next..<(next + Int(widths[Int(code)]))]
                next += Int(widths[Int(code)])
            }
            firsts.append(UInt32(variables.count))
        }
    }

    /// The texts as those of the rows with a set bit, low bits first; the others are empty. O(rows).
    func spread(_ bits: [UInt8], rows: Int) -> SplitColumn {
        var all = self
        all.pieces.append([UInt8]().rawSpan)
        all.firstPieces.append(all.pieces.count)
        all.codes = PresenceKernels.spread(codes: codes, bits, rows: rows, missing: UInt32(all.kindCount))
        all.firsts = PresenceKernels.spread(offsets: firsts, bits, rows: rows)
        return all
    }

    /// Every row's text. O(bytes).
    func texts() -> StringColumn {
        var parts: [RecordBatch.Slice] = []
        parts.reserveCapacity(codes.count + 2 * variables.count)
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(codes.count + 1)
        let base = UInt32(arena.count)
        var end: UInt32 = 0
        for row in codes.indices {
            let code = Int(codes[row])
            var piece = code == 0 ? -1 : firstPieces[code - 1]
            func appendPiece() {
                guard piece >= 0 else { return }
                let start = pieces.offsets[piece]
                let length = pieces.offsets[piece + 1] - start
                if length > 0 { parts.append(.init(offset: base + start, length: length)) }
                end += length
                piece += 1
            }
            appendPiece()
            for variable in firsts[row]..<firsts[row + 1] {
                let slice = RecordBatch.Slice(packed: variables[Int(variable)])
                parts.append(slice)
                end += slice.length
                appendPiece()
            }
            offsets.append(end)
        }
        let all = arena + pieces.arena
        return StringColumn(
            arena: SliceKernels.gather(parts.rawSpan, all.rawSpan, byteCount: Int(end)), offsets: offsets)
    }
}

extension RawSpan {
    /// A part of a slice.
    @_lifetime(copy self)
    func slice(_ slice: RecordBatch.Slice, _ part: Range<UInt32>) -> RawSpan {
        self.slice(Int(slice.offset + part.lowerBound), part.count)
    }
}
