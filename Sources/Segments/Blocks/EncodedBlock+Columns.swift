import Bytes
import Records

extension EncodedBlock {
    /// The values of some rows (ascending, each below `rowCount`), without decoding the rest as far as the column's
    /// encoding allows: for a handful of rows, several times faster than `column(_:)`.
    public func column(_ name: ByteString, rows: [Int]) throws -> ColumnVector {
        guard let position = position(of: name) else { return .missing }
        precondition(rows.allSatisfy { $0 >= 0 && $0 < rowCount })
        if let known = RowTextsCache.texts(identity, column: position, rows: rows) { return .strings(known) }
        return .strings(try texts(of: header.columns[position], rows: rows))
    }

    func texts(of column: BlockHeader.Column, rows: [Int]) throws(CorruptionError) -> StringColumn {
        switch column.statistics.encoding {
        case .same: return try repeatedTexts(column, rows: rows)
        case .derived:
            if let kinded = try kindedColumn(column) { return try texts(of: kinded, column, rows: rows) }
            return try derivedTexts(column, rows: rows)
        case .referred: return try referredTexts(column, rows: rows)
        default: break
        }
        if let texts = try templateTexts(column.name, column, rows: rows) { return texts }
        if let texts = try textsByPresence(column, rows: rows) { return texts }
        return try readPayload(of: column) { reader throws(CorruptionError) in
            let texts = try RowGather.texts(&reader, count: header.rowCount, rows: rows, times: tellers(for: column))
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return texts
        }
    }

    /// The texts of some rows of a column of templates, whose layout other columns have asked for or will; nil for
    /// other columns.
    private func templateTexts(
        _ name: ByteString, _ column: BlockHeader.Column, rows: [Int]
    ) throws(CorruptionError) -> StringColumn? {
        guard column.statistics.encoding == .templates, let position = position(of: name),
            let layout = try rowKinds(position).layout
        else { return nil }
        // The layout is kept without its bytes: these count as read all the same, and are checked when it is their
        // turn.
        try read(column.values) { reader throws(CorruptionError) in
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
        }
        return try readPart(column.values, layout.wholeStart..<column.values.length) { reader throws(CorruptionError) in
            let texts = try RowGather.templateTexts(&reader, layout, rows: rows, depth: 0, times: rowTimes)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return texts
        }
    }

    /// The times of some rows (ascending, each below `rowCount`), without decoding the others.
    public func times(rows: [Int]) throws -> [Int64] {
        precondition(rows.allSatisfy { $0 >= 0 && $0 < rowCount })
        return try readTimes(rows)
    }

    /// For columns that tell the times or other columns again.
    var rowTimes: RowTimes {
        RowTimes(
            all: { () throws(CorruptionError) in try readTimes() },
            some: { (rows) throws(CorruptionError) in try readTimes(rows) },
            column: { (position) throws(CorruptionError) in try decode(told(position), depth: 1) },
            texts: { (position, rows) throws(CorruptionError) in
                if let known = RowTextsCache.texts(identity, column: position, rows: rows) { return known }
                let texts = try texts(of: told(position), rows: rows)
                RowTextsCache.keep(texts, identity, column: position, rows: rows)
                return texts
            })
    }

    /// What the variables of a column of templates may tell again; nil for any other, whatever its payload says: what
    /// is told must not tell on.
    private func tellers(for column: BlockHeader.Column) -> RowTimes? {
        column.statistics.encoding == .templates ? rowTimes : nil
    }

    /// A column that may be told again inside texts: one that holds no such texts itself, so that there are no circles.
    private func told(_ position: Int) throws(CorruptionError) -> BlockHeader.Column {
        guard position < header.columns.count,
            ![.templates, .same].contains(header.columns[position].statistics.encoding)
        else { throw CorruptionError("text tells no column", offset: 0, file: file) }
        return header.columns[position]
    }

    func readTimes() throws(CorruptionError) -> [Int64] {
        try read(header.times) { reader throws(CorruptionError) in
            try IntegerCodec.decode(&reader, count: header.rowCount)
        }
    }

    private func readTimes(_ rows: [Int]) throws(CorruptionError) -> [Int64] {
        try read(header.times) { reader throws(CorruptionError) in
            let times = try IntegerCodec.decode(&reader, count: header.rowCount, rows: rows)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return times
        }
    }

    /// Columns decide one another over this many steps at most: what is written never comes near.
    private static let deepestDerivation = 64

    func decode(_ column: BlockHeader.Column, depth: Int) throws(CorruptionError) -> ColumnVector {
        if column.statistics.encoding == .derived { return try derivedColumn(column, depth: depth) }
        if column.statistics.encoding == .referred { return try referredColumn(column) }
        if column.statistics.encoding == .same { return try repeatedColumn(column, depth: depth) }
        return try readPayload(of: column) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: header.rowCount, times: tellers(for: column))
        }
    }

    private func derivedColumn(_ column: BlockHeader.Column, depth: Int) throws(CorruptionError) -> ColumnVector {
        if let kinded = try kindedColumn(column) { return try decode(kinded, column) }
        let decider = try decider(of: column, depth: depth)
        if header.columns[decider].statistics.encoding == .templates {
            let kinds = try rowKinds(decider)
            return try readWhole(column) { reader throws(CorruptionError) in
                try DerivedCodec.decode(&reader, other: kinds.kinds, otherCount: kinds.size)
            }
        }
        guard case .dictionary(let codes, let values) = try decode(header.columns[decider], depth: depth + 1) else {
            throw CorruptionError("derived from a column without codes", offset: start(of: column), file: file)
        }
        return try readWhole(column) { reader throws(CorruptionError) in
            try DerivedCodec.decode(&reader, other: codes, otherCount: values.count)
        }
    }

    /// The rows of a derived column or one kept by kind that have an identifier, ascending. Few blocks that an index
    /// names hold it in this column, so its distinct values are searched before any row is decoded.
    func derivedRows(_ column: BlockHeader.Column, _ search: IdentifierSearch) throws(CorruptionError) -> [Int] {
        let kinded = try kindedColumn(column)
        let values: (range: Range<Int>, size: Int)
        if let kinded {
            values = (kinded.values, kinded.size)
        } else {
            values = try read(column.values) { reader throws(CorruptionError) in
                let values = try DerivedCodec.values(&reader)
                reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
                return values
            }
        }
        let matching = try readPart(column.values, values.range) { reader throws(CorruptionError) in
            try search.rows(&reader, count: values.size, depth: 1)
        }
        guard !matching.isEmpty else { return [] }
        guard case .dictionary(let codes, _) = try decode(column, depth: 0) else { return [] }
        return IdentifierSearch.rows(codes, matching: matching)
    }

    private func derivedTexts(_ column: BlockHeader.Column, rows: [Int]) throws(CorruptionError) -> StringColumn {
        let codes = try codes(of: column, rows: rows, depth: 0).codes
        return try readWhole(column) { reader throws(CorruptionError) in
            let texts = try DerivedCodec.texts(&reader, codes: codes)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return texts
        }
    }

    /// The codes of some rows of a dictionary or derived column, and how many distinct values it has.
    private func codes(
        of column: BlockHeader.Column, rows: [Int], depth: Int
    ) throws(CorruptionError) -> (codes: [UInt32], size: Int) {
        guard column.statistics.encoding == .derived else {
            return try read(column.values) { reader throws(CorruptionError) in
                guard try reader.readUInt8() == ColumnEncoding.dictionary.rawValue else {
                    throw CorruptionError("derived from a column without codes", offset: 0)
                }
                let size = try reader.readCount(limit: Limits.dictionaryValues)
                let length = try reader.readCount(limit: reader.remaining)
                try reader.skip(length)
                return (try CodeCodec.decode(&reader, count: header.rowCount, limit: size, rows: rows), size)
            }
        }
        if let kinded = try kindedColumn(column) {
            return (try codes(of: kinded, column, rows: rows), kinded.limit)
        }
        let decider = try decider(of: column, depth: depth)
        let other: (codes: [UInt32], size: Int)
        if header.columns[decider].statistics.encoding == .templates {
            let kinds = try rowKinds(decider)
            other = (rows.map { kinds.kinds[$0] }, kinds.size)
        } else {
            other = try codes(of: header.columns[decider], rows: rows, depth: depth + 1)
        }
        return try readWhole(column) { reader throws(CorruptionError) in
            try DerivedCodec.codes(
                &reader, rows: rows, count: header.rowCount, other: other.codes, otherCount: other.size)
        }
    }

    /// The position of the column that decides a derived one. Checks the derived column's checksum.
    private func decider(of column: BlockHeader.Column, depth: Int) throws(CorruptionError) -> Int {
        let other = try read(column.values) { reader throws(CorruptionError) in
            let length = reader.remaining
            try reader.skip(length)
            return try DerivedCodec.position(reader.bytes) ?? header.columns.count
        }
        guard other < header.columns.count, depth < Self.deepestDerivation,
            header.columns[other].statistics.encoding != .same
        else {
            throw CorruptionError("derived from no column", offset: start(of: column), file: file)
        }
        return other
    }

    /// Where a column stands in the file; the whole body where that is packed.
    func start(of column: BlockHeader.Column) -> Int {
        range.lowerBound + (header.packing == nil ? column.values.offset : header.headLength)
    }

    /// Reads a column's payload again, whose checksum has been checked.
    private func readWhole<Result>(
        _ column: BlockHeader.Column, _ body: (inout ByteReader) throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        try readPart(column.values, 0..<column.values.length, body)
    }
}
