import Bytes
import Records

/// Reads what `ColumnEncoder` wrote.
enum ColumnDecoder {
    /// Encodings nest no deeper than sparse → dictionary → templates → dictionary → sparse → values.
    private static let deepest = 8

    /// Reads one column of `count` rows, at least 1; `times` of these, if they are rows of the block. O(rows + bytes).
    static func decode(
        _ reader: inout ByteReader, count: Int, depth: Int = 0, times: RowTimes? = nil
    ) throws(CorruptionError) -> ColumnVector {
        let start = reader.offset
        let code = try reader.readUInt8()
        guard let encoding = ColumnEncoding(rawValue: code), depth < deepest else {
            throw CorruptionError("column encoding \(code)", offset: start)
        }
        switch encoding {
        case .constant: return .constant(ByteString(try ByteFrame.read(&reader)))
        case .dictionary: return try decodeDictionary(&reader, count: count, depth: depth)
        case .integers: return .integers(try IntegerCodec.decode(&reader, count: count))
        case .decimals: return .strings(try DecimalCodec.decode(&reader, count: count))
        case .hexadecimal: return .strings(try HexCodec.decode(&reader, count: count, uuid: false))
        case .uuid: return .strings(try HexCodec.decode(&reader, count: count, uuid: true))
        case .ipv4: return .strings(try AddressCodec.decode(&reader, count: count))
        case .timestamps: return .strings(try TimestampCodec.decode(&reader, count: count))
        case .templates: return .strings(try TemplateDecoder.decode(&reader, count: count, depth: depth, times: times))
        case .text: return .strings(try TextCodec.decode(&reader, count: count))
        case .digits: return .strings(try DigitsCodec.decode(&reader, count: count))
        case .split: return .strings(try SplitColumn(&reader, count: count).texts())
        case .derived, .pooled, .referred, .same, .clock, .kinded, .kindedSparse, .told:
            throw CorruptionError("\(encoding) column where only one by itself can be", offset: start)
        case .sparse:
            let presence = try SparseCodec.readBits(&reader, count: count)
            let present = presence.rank(of: count)
            let dense = try decode(&reader, count: present, depth: depth + 1)
            return SparseCodec.expand(dense, presence, present: present)
        }
    }

    private static func decodeDictionary(
        _ reader: inout ByteReader, count: Int, depth: Int
    ) throws(CorruptionError) -> ColumnVector {
        let size = try reader.readCount(limit: Limits.dictionaryValues)
        guard size > 0 else { throw CorruptionError("empty dictionary", offset: reader.offset) }
        let values = try decodeValues(&reader, size: size, depth: depth + 1)
        let codes = try CodeCodec.decode(&reader, count: count, limit: size)
        return .dictionary(codes: codes, values: values)
    }

    /// The values of a dictionary: `length varint | payload`.
    static func decodeValues(_ reader: inout ByteReader, size: Int, depth: Int) throws(CorruptionError) -> StringColumn
    {
        let length = try reader.readCount(limit: reader.remaining)
        let end = reader.offset + length
        let values = try decode(&reader, count: size, depth: depth).texts(count: size)
        guard reader.offset == end else { throw CorruptionError("dictionary values do not end", offset: reader.offset) }
        return values
    }
}
