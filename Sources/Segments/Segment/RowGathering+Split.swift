import Bytes
import Records
import Traces

extension RowGathering {
    /// Rows of a block from which texts that sources hold apart stay apart.
    private static let fewestSplitRows = 64

    /// Nil where few of the texts are taken apart in the sources, or it is not worth it for these rows: then they are
    /// put together. O(rows × variables + bytes of the variables).
    mutating func split(_ sources: [ColumnSource]) -> BlockRows.Values? {
        var all = 0
        var known = 0
        for (source, range) in zip(sources, ranges) {
            all += range.count
            if case .split = source { known += range.count }
        }
        guard known > 0, known * 4 >= all * 3, places.count >= Self.fewestSplitRows else { return nil }
        var union = KindUnion(rows: all)
        var arena = output.arena
        output.arena = []
        for (index, source) in sources.enumerated() where !ranges[index].isEmpty {
            let column: SplitColumn
            if case .split(let own) = source {
                column = own
            } else {
                column = SplitColumn(source.vector(rows: cursors[index].rowCount).texts(count: cursors[index].rowCount))
            }
            guard union.add(column, ranges[index], to: &arena) else { break }
        }
        let parts = union.rowsAdded == all ? union.parts(of: places, in: &arena) : nil
        output.arena = arena
        return parts.map { .parts($0) }
    }
}

/// The kinds of texts of several sources as one list, and their rows one source behind the other.
private struct KindUnion {
    /// Where the static text of each kind stands: a source of it and its number there.
    private var kinds: [(pieces: StringColumn, first: Int, count: Int)] = []
    private var hashes = KeySet()
    private var codes: [UInt32] = []
    private var firsts: [UInt32] = []
    /// In the arena that was handed over.
    private var variables: [UInt64] = []

    var rowsAdded: Int { codes.count }

    init(rows: Int) {
        codes.reserveCapacity(rows)
        firsts.reserveCapacity(rows)
        variables.reserveCapacity(rows * 4)
    }

    /// False where two static texts have one hash, or there are too many.
    mutating func add(_ column: SplitColumn, _ rows: Range<Int>, to arena: inout [UInt8]) -> Bool {
        guard let map = renumbering(column) else { return false }
        let first = Int(column.firsts[rows.lowerBound])
        let end = Int(column.firsts[rows.upperBound])
        let step = UInt32(variables.count) &- UInt32(first)
        for row in rows {
            codes.append(map[Int(column.codes[row])])
            firsts.append(column.firsts[row] &+ step)
        }
        guard first < end else { return true }
        let start = Int(UInt32(truncatingIfNeeded: column.variables[first]))
        let last = RecordBatch.Slice(packed: column.variables[end - 1])
        let bytes = Int(last.offset + last.length) - start
        precondition(arena.count + bytes <= UInt32.max, "blocks of over 4 GiB overlap in time")
        // The offset is the low half and grows by less than its room.
        let base = UInt64(arena.count) &- UInt64(start)
        arena.append(copying: column.arena.rawSpan.slice(start, bytes))
        for variable in column.variables[first..<end] { variables.append(variable &+ base) }
        return true
    }

    private mutating func renumbering(_ column: SplitColumn) -> [UInt32]? {
        var map: [UInt32] = [0]
        for kind in 0..<column.kindCount {
            let first = column.firstPieces[kind]
            let count = column.firstPieces[kind + 1] - first
            var hash: UInt64 = UInt64(count)
            for piece in first..<(first + count) { hash = hash64(column.pieces[piece], seed: hash &+ 1) }
            let (place, isNew) = hashes.place(of: hash)
            if isNew {
                guard kinds.count < TemplateSplit.skeletonsLimit else { return nil }
                kinds.append((column.pieces, first, count))
            } else {
                let known = kinds[place]
                guard known.count == count else { return nil }
                for piece in 0..<count {
                    guard known.pieces[known.first + piece].equals(column.pieces[first + piece]) else { return nil }
                }
            }
            map.append(UInt32(place) + 1)
        }
        return map
    }

    /// The rows at some places, in their order. Texts of kinds with few rows are put together. Nil where that is all
    /// there is, or where texts are little but variables. O(rows × variables).
    consuming func parts(of places: [UInt32], in arena: inout [UInt8]) -> TextParts? {
        let taken = CodeKernels.take(codes, places)
        let known = CodeKernels.counts(taken, limit: kinds.count + 1)
        let statics = kinds.map { Int($0.pieces.offsets[$0.first + $0.count] - $0.pieces.offsets[$0.first]) }
        let empty = kinds.indices.first { kinds[$0].count == 1 && statics[$0] == 0 }.map { UInt32($0) + 1 }
        var writer = PartsWriter(kinds: kinds, variables: variables, rows: places.count)
        var staticBytes = 0
        for row in taken.indices {
            let code = taken[row]
            if code == empty { continue }
            let isKept = code > 0 && known[Int(code)] >= TemplateSplit.rowsFloor
            writer.add(row, Int(code) - 1, firstVariable: Int(firsts[Int(places[row])]), isKept: isKept, arena)
            staticBytes += code > 0 ? statics[Int(code) - 1] : 0
        }
        let byteCount = staticBytes + writer.variableBytes
        let rows = writer.parts.codes.count
        guard staticBytes * 4 >= byteCount, writer.parts.kinds.count * 4 <= rows * 3 else { return nil }
        guard rows > 0, writer.parts.kinds.contains(where: { !$0.variables.isEmpty }) else { return nil }
        return writer.finish(byteCount: byteCount, in: &arena)
    }
}

/// Lays down rows of kinds, each with its variables, and the texts that are kept whole.
private struct PartsWriter {
    private let kinds: [(pieces: StringColumn, first: Int, count: Int)]
    private let all: [UInt64]
    /// Kind + 1 as written, by kind; 0 for none yet.
    private var written: [UInt32]
    /// Texts put together, which go behind the arena.
    private var texts: [UInt8] = []
    private(set) var parts: TextParts
    private(set) var variableBytes = 0

    init(kinds: [(pieces: StringColumn, first: Int, count: Int)], variables: [UInt64], rows: Int) {
        self.kinds = kinds
        all = variables
        written = [UInt32](repeating: 0, count: kinds.count)
        parts = TextParts(rowCount: rows)
    }

    /// A row whose text is of a kind, or of none (-1).
    mutating func add(_ row: Int, _ kind: Int, firstVariable first: Int, isKept: Bool, _ arena: [UInt8]) {
        parts.bits[row >> 3] |= 1 << UInt8(row & 7)
        let width = kind < 0 ? 1 : kinds[kind].count - 1
        for variable in first..<(first + width) { variableBytes += Int(all[variable] >> 32) }
        guard isKept else {
            parts.codes.append(0)
            parts.counts[0] += 1
            parts.wholes.append(put(kind, first, arena).text)
            return
        }
        if written[kind] == 0 {
            let model = put(kind, first, arena)
            parts.kinds.append(.init(model: model.text, variables: model.variables))
            parts.counts.append(0)
            written[kind] = UInt32(parts.kinds.count)
        }
        let code = written[kind]
        parts.codes.append(code)
        parts.counts[Int(code)] += 1
        for variable in first..<(first + width) { parts.variables.append(all[variable]) }
    }

    /// Puts a row's text together; where it stands counts from the arena's end.
    private mutating func put(
        _ kind: Int, _ first: Int, _ arena: [UInt8]
    ) -> (text: RecordBatch.Slice, variables: [Range<UInt32>]) {
        let start = texts.count
        var bounds: [Range<UInt32>] = []
        let pieces = kind < 0 ? StringColumn() : kinds[kind].pieces
        let firstPiece = kind < 0 ? 0 : kinds[kind].first
        if kind >= 0 { texts.append(copying: pieces[firstPiece]) }
        for position in 0..<(kind < 0 ? 1 : kinds[kind].count - 1) {
            let value = RecordBatch.Slice(packed: all[first + position])
            let place = UInt32(texts.count - start)
            texts.append(copying: arena.rawSpan.slice(Int(value.offset), Int(value.length)))
            bounds.append(place..<(place + value.length))
            if kind >= 0 { texts.append(copying: pieces[firstPiece + position + 1]) }
        }
        return (.init(offset: UInt32(start), length: UInt32(texts.count - start)), bounds)
    }

    consuming func finish(byteCount: Int, in arena: inout [UInt8]) -> TextParts {
        precondition(arena.count + texts.count <= UInt32.max, "a block of over 4 GiB")
        let base = UInt32(arena.count)
        arena.append(copying: texts.rawSpan)
        for kind in parts.kinds.indices { parts.kinds[kind].model.offset += base }
        for whole in parts.wholes.indices { parts.wholes[whole].offset += base }
        parts.byteCount = byteCount
        return parts
    }
}
