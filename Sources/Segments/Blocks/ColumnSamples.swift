import Bytes
import Records

/// The values of a block's columns in a few of its rows, in which it shows whether one column repeats another.
struct ColumnSamples {
    /// Rows that are looked at, at most: so many that a twentieth of them is more than chance.
    static let count = 48
    /// Mean bytes of a value above which a column is not looked at.
    private static let longestMean = 2_048

    /// The rows, ascending.
    let rows: [Int]
    private(set) var arena: [UInt8] = []
    /// By column: a slice a row; empty for a column that is not looked at.
    private(set) var values: [[RecordBatch.Slice]] = []

    /// `wanted` are the positions of the columns to look at. O(rows of columns of texts + samples).
    init(_ drafts: [ColumnDraft], _ wanted: [Int], rowCount: Int, _ source: RawSpan) {
        let count = min(Self.count, rowCount)
        rows = (0..<count).map { ($0 * 2 + 1) * rowCount / (2 * count) }
        values = [[RecordBatch.Slice]](repeating: [], count: drafts.count)
        for position in wanted where drafts[position].statistics.rawBytes / rowCount < Self.longestMean {
            add(drafts[position].source, to: position, source)
        }
    }

    private mutating func add(_ column: BlockRows.Values, to position: Int, _ source: RawSpan) {
        switch column {
        case .slices(let slices): append(rows.map { slices[$0] }, to: position, source)
        case .coded(let coded): append(rows.map { coded.values[Int(coded.codes[$0])] }, to: position, source)
        case .sparse(let sparse):
            let (bits, ranks) = ranks(sparse.bits, sparse.rowCount)
            var next = 0
            append(
                rows.map { row in
                    guard bits.contains(row) else { return .missing }
                    next += 1
                    return sparse.slices[ranks[next - 1]]
                }, to: position, source)
        case .typed(let typed):
            let (bits, ranks) = ranks(typed.bits, typed.rowCount)
            let texts = typed.values.taking(ranks.map(UInt32.init)).texts
            var next = 0
            values[position] = rows.map { row in
                guard bits.contains(row) else { return .missing }
                next += 1
                return place(texts[next - 1])
            }
        case .parts(let parts): values[position] = parts.texts(of: rows, source).map { place($0.rawSpan) }
        }
    }

    private func ranks(_ bytes: [UInt8], _ rowCount: Int) -> (bits: PresenceBits, ranks: [Int]) {
        let bits = PresenceBits(bytes, count: rowCount)
        return (bits, bits.ranks(of: rows))
    }

    private mutating func append(_ slices: [RecordBatch.Slice], to position: Int, _ source: RawSpan) {
        values[position] = slices.map { place(source.slice(Int($0.offset), Int($0.length))) }
    }

    private mutating func place(_ value: RawSpan) -> RecordBatch.Slice {
        if value.byteCount == 0 { return .missing }
        let start = UInt32(arena.count)
        arena.append(copying: value)
        return .init(offset: start, length: UInt32(value.byteCount))
    }
}

extension TextParts {
    /// The texts of some rows, ascending. O(rows + bytes of these).
    func texts(of rows: [Int], _ arena: RawSpan) -> [[UInt8]] {
        let presence = missing > 0 ? PresenceBits(bits, count: rowCount) : nil
        let widths = [0] + kinds.map(\.variables.count)
        var texts: [[UInt8]] = []
        var rank = 0
        var next = 0
        var variable = 0
        var whole = 0
        let ranks = presence.map { $0.ranks(of: rows) } ?? rows
        for row in rows {
            guard presence?.contains(row) ?? true else {
                texts.append([])
                continue
            }
            while next < ranks[rank] {
                variable += widths[Int(codes[next])]
                whole += codes[next] == 0 ? 1 : 0
                next += 1
            }
            rank += 1
            texts.append(text(Int(codes[next]), variable: variable, whole: whole, arena))
        }
        return texts
    }

    private func text(_ code: Int, variable: Int, whole: Int, _ arena: RawSpan) -> [UInt8] {
        var text: [UInt8] = []
        if code == 0 {
            text.append(copying: arena.slice(Int(wholes[whole].offset), Int(wholes[whole].length)))
            return text
        }
        for (position, piece) in kinds[code - 1].pieces.enumerated() {
            text.append(copying: arena.slice(Int(piece.offset), Int(piece.length)))
            guard position < kinds[code - 1].variables.count else { break }
            let value = RecordBatch.Slice(packed: variables[variable + position])
            text.append(copying: arena.slice(Int(value.offset), Int(value.length)))
        }
        return text
    }
}
