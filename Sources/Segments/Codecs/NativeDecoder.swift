import Bytes
import Records

/// Reads a column payload up to the point where values would become texts.
enum NativeDecoder {
    /// Nil for an encoding without a native form. The reader moves to the payload's end then too.
    static func decode(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> NativeColumn? {
        var peek = reader
        switch ColumnEncoding(rawValue: try peek.readUInt8()) {
        case .constant:
            reader = peek
            return .constant(ByteString(try ByteFrame.read(&reader)))
        case .dictionary:
            reader = peek
            return try dictionary(&reader, count: count)
        case .sparse:
            reader = peek
            return try sparse(&reader, count: count)
        default:
            return try values(&reader, count: count).map { .plain($0, nil) }
        }
    }

    private static func dictionary(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> NativeColumn {
        let size = try reader.readCount(limit: Limits.dictionaryValues)
        guard size > 0 else { throw CorruptionError("empty dictionary", offset: reader.offset) }
        let (values, missing) = try dictionaryValues(&reader, size: size)
        return coded(try CodeCodec.decode(&reader, count: count, limit: size), values, missing, size: size)
    }

    /// The values of a dictionary, `length varint | payload`, whose codes are known; those behind the last value mean
    /// none where `hasMissing`.
    static func coded(
        _ reader: inout ByteReader, size: Int, _ codes: [UInt32], hasMissing: Bool
    ) throws(CorruptionError) -> NativeColumn {
        let start = reader.offset
        let (values, missing) = try dictionaryValues(&reader, size: size)
        guard hasMissing else { return coded(codes, values, missing, size: size) }
        guard missing == nil else { throw CorruptionError("empty value among the present ones", offset: start) }
        return .coded(NativeCodes(codes, limit: size + 1), values, hasMissing: true)
    }

    private static func coded(
        _ all: [UInt32], _ values: NativeValues, _ missing: UInt32?, size: Int
    ) -> NativeColumn {
        guard let missing else { return .coded(NativeCodes(all, limit: size), values, hasMissing: false) }
        var codes = all
        // The empty value goes behind the others.
        let last = UInt32(size - 1)
        for row in codes.indices {
            let code = codes[row]
            codes[row] = code == missing ? last : code > missing ? code - 1 : code
        }
        return .coded(NativeCodes(codes, limit: size), values, hasMissing: true)
    }

    /// The values of a dictionary, `length varint | payload`, and the code of the empty value if that was left out.
    private static func dictionaryValues(
        _ reader: inout ByteReader, size: Int
    ) throws(CorruptionError) -> (values: NativeValues, missing: UInt32?) {
        let length = try reader.readCount(limit: reader.remaining)
        let end = reader.offset + length
        let found: NativeValues
        var peek = reader
        if ColumnEncoding(rawValue: try peek.readUInt8()) == .sparse {
            let (bits, present) = try SparseCodec.readPresence(&peek, count: size)
            if present == size - 1, let values = try values(&peek, count: present) {
                reader = peek
                guard reader.offset == end else {
                    throw CorruptionError("dictionary values do not end", offset: reader.offset)
                }
                return (values, bits.firstIndex(of: 0).map(UInt32.init))
            }
        }
        if let values = try values(&reader, count: size) {
            found = values
        } else {
            found = .texts(try ColumnDecoder.decode(&reader, count: size, depth: 1).texts(count: size))
        }
        guard reader.offset == end else { throw CorruptionError("dictionary values do not end", offset: reader.offset) }
        return (found, nil)
    }

    private static func sparse(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> NativeColumn? {
        let presence = try SparseCodec.readBits(&reader, count: count)
        let present = presence.rank(of: count)
        var peek = reader
        if ColumnEncoding(rawValue: try peek.readUInt8()) == .dictionary {
            reader = peek
            guard case .coded(let dense, let values, false) = try dictionary(&reader, count: present) else {
                throw CorruptionError("empty value among the present ones", offset: reader.offset)
            }
            let codes = PresenceKernels.spread(
                codes: dense.widened, presence.bytes, rows: count, missing: UInt32(values.count))
            return .coded(NativeCodes(codes, limit: values.count + 1), values, hasMissing: true)
        }
        let rows = RowPresence(words: words(presence.bytes, count: count), rowCount: count)
        if let found = try values(&reader, count: present) { return .plain(found, rows) }
        let dense = try ColumnDecoder.decode(&reader, count: present, depth: 1)
        return .plain(.texts(dense.texts(count: present)), rows)
    }

    /// Bits 64 to a word, those behind the last row zero.
    private static func words(_ bytes: [UInt8], count: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        for (index, byte) in bytes.enumerated() { words[index >> 3] |= UInt64(byte) << UInt64(8 * (index & 7)) }
        if count & 63 > 0 { words[words.count - 1] &= (1 << UInt64(count & 63)) - 1 }
        return words
    }

    /// Values without codes or presence. Nil, the reader unmoved, for an encoding without a native form.
    private static func values(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> NativeValues? {
        var peek = reader
        let found: NativeValues
        switch ColumnEncoding(rawValue: try peek.readUInt8()) {
        case .integers: found = .integers(try IntegerCodec.decode(&peek, count: count))
        case .decimals:
            let shape = try DecimalCodec.readShape(&peek)
            let scaled = try IntegerCodec.decode(&peek, count: count)
            found = .decimals(ScaledDecimals(scaled: scaled, fewest: shape.fewest, most: shape.most))
        case .ipv4:
            let addresses = try IntegerCodec.decode(&peek, count: count)
            found = .addresses(addresses.map { UInt32(truncatingIfNeeded: $0) })
        case .hexadecimal: found = try hex(&peek, count: count, uuid: false)
        case .uuid: found = try hex(&peek, count: count, uuid: true)
        case .text: found = .texts(try TextCodec.decode(&peek, count: count))
        default: return nil
        }
        reader = peek
        return found
    }

    private static func hex(
        _ reader: inout ByteReader, count: Int, uuid: Bool
    ) throws(CorruptionError) -> NativeValues {
        let start = reader.offset
        let head = try HexCodec.readHead(&reader)
        guard !uuid || head.digits == HexCodec.uuidDigits else { throw CorruptionError("UUID width", offset: start) }
        let binary = try HexCodec.readBinary(&reader, head, count: count)
        return .digits(
            HexValues(binary: binary, digits: head.digits, isUpperCase: head.upperCase, hasDashes: uuid))
    }
}
