import Bytes
import Records

extension EncodedBlock {
    /// Columns whose values stand in another column: see `ReferredCodec`.
    private func layout(of column: BlockHeader.Column) throws(CorruptionError) -> ReferredCodec.Layout {
        let layout = try read(column.values) { reader throws(CorruptionError) in
            let layout = try ReferredCodec.Layout(&reader, count: header.rowCount)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return layout
        }
        guard layout.other < header.columns.count,
            ![.derived, .referred, .same].contains(header.columns[layout.other].statistics.encoding)
        else { throw CorruptionError("refers to no column", offset: start(of: column), file: file) }
        return layout
    }

    func referredColumn(_ column: BlockHeader.Column) throws(CorruptionError) -> ColumnVector {
        let layout = try layout(of: column)
        let (codes, values) = try referredCodes(column, layout)
        if layout.present == rowCount { return .dictionary(codes: codes, values: values) }
        return SparseCodec.expand(.dictionary(codes: codes, values: values), layout.presence, present: layout.present)
    }

    /// The same in the form that is kept for the next query: putting the values together is most of the work.
    func referredNative(_ column: BlockHeader.Column) throws(CorruptionError) -> NativeColumn {
        let layout = try layout(of: column)
        let (codes, values) = try referredCodes(column, layout)
        guard layout.present < rowCount else {
            return .coded(NativeCodes(codes, limit: values.count), .texts(values), hasMissing: false)
        }
        var spread = [UInt32](repeating: UInt32(values.count), count: rowCount)
        var next = 0
        for row in 0..<rowCount where layout.presence.contains(row) {
            spread[row] = codes[next]
            next += 1
        }
        return .coded(NativeCodes(spread, limit: values.count + 1), .texts(values), hasMissing: true)
    }

    /// A code for each row that has a value, and all distinct values.
    private func referredCodes(
        _ column: BlockHeader.Column, _ layout: ReferredCodec.Layout
    ) throws(CorruptionError) -> (codes: [UInt32], values: StringColumn) {
        let values = try values(Array(0..<layout.distinct), layout, column)
        let codes = try readPart(column.values, layout.codesStart..<column.values.length) {
            reader throws(CorruptionError) in
            try CodeCodec.decode(&reader, count: layout.present, limit: layout.distinct)
        }
        return (codes, values)
    }

    func referredTexts(_ column: BlockHeader.Column, rows: [Int]) throws(CorruptionError) -> StringColumn {
        let layout = try layout(of: column)
        let ranks = layout.presence.ranks(of: rows)
        let codes = try readPart(column.values, layout.codesStart..<column.values.length) {
            reader throws(CorruptionError) in
            let codes = try CodeCodec.decode(&reader, count: layout.present, limit: layout.distinct, rows: ranks)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return codes
        }
        let wanted = Array(Set(codes)).sorted().map(Int.init)
        let values = try values(wanted, layout, column)
        let places = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
        var text = TextBuilder(rows: rows.count, bytes: rows.count * 16)
        var next = 0
        for row in rows {
            if layout.presence.contains(row) {
                text.arena.append(copying: values[places[Int(codes[next])]!])
                next += 1
            }
            text.endValue()
        }
        return text.column
    }

    /// The rows whose value is an identifier, ascending.
    func referredRows(_ column: BlockHeader.Column, _ search: IdentifierSearch) throws(CorruptionError) -> [Int] {
        let layout = try layout(of: column)
        let entries = Set(
            try readEntries(of: header.columns[layout.other]) { reader, count throws(CorruptionError) in
                try search.rows(&reader, count: count)
            })
        var matching: [Int] = []
        if !entries.isEmpty {
            let own = try self.entries(nil, layout, column)
            matching = layout.found.rows(at: own.indices.filter { entries.contains(own[$0]) })
        }
        if layout.restCount > 0 {
            let ranks = try readPart(column.values, layout.rest) { reader throws(CorruptionError) in
                try search.rows(&reader, count: layout.restCount)
            }
            let others = (0..<layout.distinct).filter { !layout.found.contains($0) }
            matching += ranks.map { others[$0] }
        }
        guard !matching.isEmpty else { return [] }
        let ranks = try readPart(column.values, layout.codesStart..<column.values.length) {
            reader throws(CorruptionError) in
            try CodeCodec.rows(of: matching, &reader, count: layout.present, limit: layout.distinct)
        }
        return layout.presence.rows(at: ranks)
    }

    /// The values of some codes, ascending.
    private func values(
        _ codes: [Int], _ layout: ReferredCodec.Layout, _ column: BlockHeader.Column
    ) throws(CorruptionError) -> StringColumn {
        let (ranks, rest) = layout.split(codes)
        let found = try entries(ranks.count < layout.foundCount ? ranks : nil, layout, column)
        let sorted = Array(Set(found)).sorted()
        let places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
        var entries = StringColumn()
        if !sorted.isEmpty {
            let start = start(of: column)
            entries = try readEntries(of: header.columns[layout.other]) { reader, count throws(CorruptionError) in
                guard sorted[sorted.count - 1] < count else {
                    throw CorruptionError("reference beyond \(count) entries", offset: start)
                }
                return try RowGather.texts(&reader, count: count, rows: sorted)
            }
        }
        var others = StringColumn()
        if !rest.isEmpty {
            others = try readPart(column.values, layout.rest) { reader throws(CorruptionError) in
                let texts = try RowGather.texts(&reader, count: layout.restCount, rows: rest)
                reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
                return texts
            }
        }
        var text = TextBuilder(rows: codes.count, bytes: codes.count * 16)
        var nextFound = 0
        var nextOther = 0
        for code in codes {
            if layout.found.contains(code) {
                text.arena.append(copying: entries[places[found[nextFound]]!])
                nextFound += 1
            } else {
                text.arena.append(copying: others[nextOther])
                nextOther += 1
            }
            text.endValue()
        }
        return text.column
    }

    /// The entries of some of the values that are found (ascending ranks), or of all.
    private func entries(
        _ ranks: [Int]?, _ layout: ReferredCodec.Layout, _ column: BlockHeader.Column
    ) throws(CorruptionError) -> [Int] {
        let numbers = try readPart(column.values, layout.entries) { reader throws(CorruptionError) in
            guard let ranks else { return try IntegerCodec.decode(&reader, count: layout.foundCount) }
            let some = try IntegerCodec.decode(&reader, count: layout.foundCount, rows: ranks)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return some
        }
        guard numbers.allSatisfy({ $0 >= 0 && $0 < BlockHeader.maximumRows }) else {
            throw CorruptionError("reference to no entry", offset: start(of: column), file: file)
        }
        return numbers.map(Int.init)
    }

    /// Hands over the payload of a column's entries, and how many there are: the values of a dictionary or, without
    /// one, of the rows that have a value.
    private func readEntries<Result>(
        of column: BlockHeader.Column, _ body: (inout ByteReader, Int) throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        try read(column.values) { reader throws(CorruptionError) in
            var count = rowCount
            var peek = reader
            switch ColumnEncoding(rawValue: try peek.readUInt8()) {
            case .sparse:
                count = try SparseCodec.readBits(&peek, count: count).rank(of: count)
                reader = peek
            case .dictionary:
                count = try peek.readCount(limit: Limits.dictionaryValues)
                _ = try peek.readCount(limit: peek.remaining)
                reader = peek
            default: break
            }
            let result = try body(&reader, count)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return result
        }
    }
}
