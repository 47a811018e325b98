import Bytes
import Records

/// Columns that repeat others of the block: see `RepeatedCodec`.
extension EncodedBlock {
    private func layout(of column: BlockHeader.Column) throws(CorruptionError) -> RepeatedCodec.Layout {
        let layout = try read(column.values) { reader throws(CorruptionError) in
            try RepeatedCodec.Layout(&reader, count: rowCount, columns: header.columns.count)
        }
        // One that is repeated repeats none: no chains, no circles.
        guard layout.others.allSatisfy({ header.columns[$0].statistics.encoding != .same }) else {
            throw CorruptionError("repeats a repetition", offset: start(of: column), file: file)
        }
        return layout
    }

    /// The column to be read in place of one that is the same in every row; any other column is its own.
    func original(of column: BlockHeader.Column) throws(CorruptionError) -> BlockHeader.Column {
        guard column.statistics.encoding == .same else { return column }
        let layout = try layout(of: column)
        return layout.isPlain ? header.columns[layout.others[0]] : column
    }

    /// All rows of a column that repeats others. O(rows + bytes).
    func repeatedColumn(_ column: BlockHeader.Column, depth: Int) throws(CorruptionError) -> ColumnVector {
        let layout = try layout(of: column)
        var others: [ColumnVector] = []
        for other in layout.others { others.append(try decode(header.columns[other], depth: depth + 1)) }
        if layout.isPlain { return others[0] }
        let exceptions = try part(layout.exceptionValues, of: column, count: layout.exceptions.count)
        var rests: [ColumnVector?] = []
        for rest in layout.rests { rests.append(try part(rest, of: column, count: layout.regularCount)) }
        var text = TextBuilder(rows: rowCount, bytes: column.statistics.rawBytes)
        var exception = 0
        var regular = 0
        for row in 0..<rowCount {
            if exception < layout.exceptions.count, layout.exceptions[exception] == row {
                exceptions?.appendValue(exception, to: &text.arena)
                exception += 1
            } else if layout.presence?.contains(row) ?? true {
                for place in others.indices {
                    rests[place]?.appendValue(regular, to: &text.arena)
                    others[place].appendValue(row, to: &text.arena)
                }
                rests[others.count]?.appendValue(regular, to: &text.arena)
                regular += 1
            }
            text.endValue()
        }
        return .strings(text.column)
    }

    /// A column inside the payload; nil for none.
    private func part(
        _ range: Range<Int>, of column: BlockHeader.Column, count: Int
    ) throws(CorruptionError) -> ColumnVector? {
        if range.isEmpty { return nil }
        return try readPart(column.values, range) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: count, depth: 1)
        }
    }

    private func part(
        _ range: Range<Int>, of column: BlockHeader.Column, count: Int, rows: [Int]
    ) throws(CorruptionError) -> StringColumn? {
        if range.isEmpty || rows.isEmpty { return nil }
        return try readPart(column.values, range) { reader throws(CorruptionError) in
            let texts = try RowGather.texts(&reader, count: count, rows: rows, depth: 1)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return texts
        }
    }

    /// The texts of some rows, ascending.
    func repeatedTexts(_ column: BlockHeader.Column, rows: [Int]) throws(CorruptionError) -> StringColumn {
        let layout = try layout(of: column)
        if layout.isPlain { return try texts(of: header.columns[layout.others[0]], rows: rows) }
        let places = Places(rows, layout)
        let exceptions = try part(
            layout.exceptionValues, of: column, count: layout.exceptions.count, rows: places.exceptions)
        var others: [StringColumn] = []
        for other in layout.others where !places.regular.isEmpty {
            others.append(try texts(of: header.columns[other], rows: places.regular))
        }
        var rests: [StringColumn?] = []
        for rest in layout.rests {
            rests.append(try part(rest, of: column, count: layout.regularCount, rows: places.ranks))
        }
        var text = TextBuilder(rows: rows.count, bytes: rows.count * 48)
        var exception = 0
        var regular = 0
        for kind in places.kinds {
            switch kind {
            case .missing: break
            case .exception:
                if let exceptions { text.arena.append(copying: exceptions[exception]) }
                exception += 1
            case .regular:
                for place in others.indices {
                    if let rest = rests[place] { text.arena.append(copying: rest[regular]) }
                    let other = others[place]
                    text.arena.append(copying: other[regular])
                }
                if let rest = rests[others.count] { text.arena.append(copying: rest[regular]) }
                regular += 1
            }
            text.endValue()
        }
        return text.column
    }

    /// Where some rows of such a column stand.
    private struct Places {
        enum Kind { case missing, exception, regular }

        /// A row's.
        var kinds: [Kind] = []
        /// Which exceptions are among the rows.
        var exceptions: [Int] = []
        /// The rows that repeat, and which of all that do they are.
        var regular: [Int] = []
        var ranks: [Int] = []

        init(_ rows: [Int], _ layout: RepeatedCodec.Layout) {
            var exception = 0
            for row in rows {
                while exception < layout.exceptions.count, layout.exceptions[exception] < row { exception += 1 }
                if exception < layout.exceptions.count, layout.exceptions[exception] == row {
                    kinds.append(.exception)
                    exceptions.append(exception)
                } else if layout.presence?.contains(row) ?? true {
                    kinds.append(.regular)
                    regular.append(row)
                    ranks.append(row - exception)
                } else {
                    kinds.append(.missing)
                }
            }
            guard let presence = layout.presence else { return }
            let present = presence.ranks(of: regular)
            for place in ranks.indices { ranks[place] += present[place] - regular[place] }
        }
    }

    /// The rows whose value is an identifier, ascending. Rows that repeat a column in which identifiers are looked for
    /// as well are left to that one.
    func repeatedRows(_ column: BlockHeader.Column, _ search: IdentifierSearch) throws(CorruptionError) -> [Int] {
        let layout = try layout(of: column)
        guard layout.rests.allSatisfy(\.isEmpty), layout.others.count == 1 else {
            return search.rows(try decode(column, depth: 0), count: rowCount)
        }
        let other = header.columns[layout.others[0]]
        var rows: [Int] = []
        if !other.isIdentifier {
            let exceptions = Set(layout.exceptions)
            rows = search.rows(try decode(other, depth: 1), count: rowCount)
                .filter { !exceptions.contains($0) && layout.presence?.contains($0) ?? true }
        }
        if let values = try part(layout.exceptionValues, of: column, count: layout.exceptions.count) {
            rows += search.rows(values, count: layout.exceptions.count).map { layout.exceptions[$0] }
        }
        return rows.sorted()
    }
}
