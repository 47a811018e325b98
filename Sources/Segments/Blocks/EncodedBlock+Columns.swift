import Bytes
import Records

extension EncodedBlock {
    /// The values of some rows (ascending, each below `rowCount`), without decoding the rest as far as the column's
    /// encoding allows: for a handful of rows, several times faster than `column(_:)`.
    public func column(_ name: ByteString, rows: [Int]) throws -> ColumnVector {
        guard let column = headerColumn(name) else { return .missing }
        precondition(rows.allSatisfy { $0 >= 0 && $0 < rowCount })
        if column.statistics.encoding == .derived {
            return .strings(RowGather.gather(try decode(column, depth: 0), rows))
        }
        let texts = try read(column.values) { reader throws(CorruptionError) in
            let texts = try RowGather.texts(&reader, count: header.rowCount, rows: rows)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return texts
        }
        return .strings(texts)
    }

    /// The times of some rows, ascending.
    public func times(rows: [Int]) throws -> [Int64] {
        let all = try times()
        return rows.map { all[$0] }
    }

    /// Columns decide one another over this many steps at most: what is written never comes near.
    private static let deepestDerivation = 64

    func decode(_ column: BlockHeader.Column, depth: Int) throws(CorruptionError) -> ColumnVector {
        if column.statistics.encoding == .derived { return try derivedColumn(column, depth: depth) }
        return try read(column.values) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: header.rowCount)
        }
    }

    private func derivedColumn(_ column: BlockHeader.Column, depth: Int) throws(CorruptionError) -> ColumnVector {
        let start = range.lowerBound + column.values.offset
        let other = try read(column.values) { reader throws(CorruptionError) in
            let length = reader.remaining
            try reader.skip(length)
            return try DerivedCodec.position(reader.bytes) ?? header.columns.count
        }
        guard other < header.columns.count, depth < Self.deepestDerivation else {
            throw CorruptionError("derived from no column", offset: start, file: file)
        }
        let decider = try decode(header.columns[other], depth: depth + 1)
        guard case .dictionary(let codes, let values) = decider else {
            throw CorruptionError("derived from a column without codes", offset: start, file: file)
        }
        return try readPart(column.values, 0..<column.values.length) { reader throws(CorruptionError) in
            try DerivedCodec.decode(&reader, other: codes, otherCount: values.count)
        }
    }
}
