import Bytes
import Records

/// Reads some rows of a column payload without decoding the others, as far as its encoding allows: raw and bit-packed
/// values in place, variables only of the templates that occur. What a lookup of a few rows in a large block needs.
enum RowGather {
    /// The texts of `rows` (ascending, below `count`), in their order. The reader moves to the payload's end or, where
    /// that would take decoding, stays somewhere before it.
    static func texts(
        _ reader: inout ByteReader, count: Int, rows: [Int], depth: Int = 0, times: RowTimes? = nil
    ) throws(CorruptionError) -> StringColumn {
        var peek = reader
        switch ColumnEncoding(rawValue: try peek.readUInt8()) {
        case .constant:
            let value = ByteString(try ByteFrame.read(&peek))
            return ColumnVector.constant(value).texts(count: rows.count)
        case .dictionary where depth < 8:
            return try dictionaryTexts(&peek, count: count, rows: rows, depth: depth)
        case .integers:
            return ColumnVector.integers(try integers(&peek, count: count, rows: rows)).texts(count: rows.count)
        case .decimals:
            let shape = try DecimalCodec.readShape(&peek)
            return DecimalCodec.texts(try integers(&peek, count: count, rows: rows), shape)
        case .ipv4: return AddressCodec.texts(try integers(&peek, count: count, rows: rows))
        case .timestamps:
            let shape = try TimestampCodec.readShape(&peek)
            return TimestampCodec.texts(try integers(&peek, count: count, rows: rows), shape)
        case .digits: return try DigitsCodec.decode(&peek, count: count, rows: rows)
        case .hexadecimal: return try hexTexts(&peek, count: count, rows: rows, uuid: false)
        case .uuid: return try hexTexts(&peek, count: count, rows: rows, uuid: true)
        case .templates where depth < 8:
            return try templateTexts(&peek, count: count, rows: rows, depth: depth, times: times)
        case .sparse where depth < 8:
            return try sparseTexts(&peek, count: count, rows: rows, depth: depth)
        default: break
        }
        let all = try ColumnDecoder.decode(&reader, count: count, depth: depth)
        return gather(all, rows)
    }

    /// Rows of a decoded column as texts. O(rows).
    static func gather(_ vector: ColumnVector, _ rows: [Int]) -> StringColumn {
        var text = TextBuilder(rows: rows.count, bytes: rows.count * 32)
        for row in rows {
            vector.appendValue(row, to: &text.arena)
            text.endValue()
        }
        return text.column
    }

    /// `wanted[places[i]]` for every `i`: texts that were read once, repeated.
    private static func repeated(_ texts: StringColumn, _ places: [Int]) -> StringColumn {
        gather(.strings(texts), places)
    }

    /// The values at `codes`, each read once; `reader` is at the values' payload.
    static func values(
        _ reader: inout ByteReader, size: Int, codes: [UInt32], depth: Int
    ) throws(CorruptionError) -> StringColumn {
        let wanted = Array(Set(codes)).sorted()
        let places = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
        let texts = try texts(&reader, count: size, rows: wanted.map(Int.init), depth: depth + 1)
        return repeated(texts, codes.map { places[$0]! })
    }

    private static func dictionaryTexts(
        _ reader: inout ByteReader, count: Int, rows: [Int], depth: Int
    ) throws(CorruptionError) -> StringColumn {
        let size = try reader.readCount(limit: Limits.dictionaryValues)
        let length = try reader.readCount(limit: reader.remaining)
        var values = ByteReader(try reader.readSpan(length))
        let codes = try CodeCodec.decode(&reader, count: count, limit: size, rows: rows)
        return try Self.values(&values, size: size, codes: codes, depth: depth)
    }

    /// Rows of integers: without decoding all where the form allows it.
    private static func integers(
        _ reader: inout ByteReader, count: Int, rows: [Int]
    ) throws(CorruptionError) -> [Int64] {
        try IntegerCodec.decode(&reader, count: count, rows: rows)
    }

    private static func hexTexts(
        _ reader: inout ByteReader, count: Int, rows: [Int], uuid: Bool
    ) throws(CorruptionError) -> StringColumn {
        let start = reader.offset
        let head = try HexCodec.readHead(&reader)
        guard !uuid || head.digits == HexCodec.uuidDigits else { throw CorruptionError("UUID width", offset: start) }
        let some = try HexCodec.readBinary(&reader, head, count: count, rows: rows)
        return HexCodec.texts(some, head, count: rows.count, uuid: uuid)
    }

    private static func sparseTexts(
        _ reader: inout ByteReader, count: Int, rows: [Int], depth: Int
    ) throws(CorruptionError) -> StringColumn {
        let bits = try SparseCodec.readBits(&reader, count: count)
        let ranks = bits.ranks(of: rows)
        // No value among the rows: nothing is decoded. The reader stays before the payload's end.
        if ranks.isEmpty { return ColumnVector.missing.texts(count: rows.count) }
        let dense = try texts(&reader, count: bits.rank(of: count), rows: ranks, depth: depth + 1)
        var text = TextBuilder(rows: rows.count, bytes: dense.arena.count)
        var place = 0
        for row in rows {
            if bits.contains(row) {
                text.arena.append(copying: dense[place])
                place += 1
            }
            text.endValue()
        }
        return text.column
    }
}
