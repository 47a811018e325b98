import Bytes
import Records
import Traces

/// Finds the rows of a column whose value, normalised, is an identifier: on binary values and codes where they are laid
/// down that way, without decoding the column.
struct IdentifierSearch {
    /// The normalised identifier, and its binary form if it is hex.
    private let normalized: ByteString
    private let binary: [UInt8]?
    private let key: UInt64

    init(_ identifier: ByteString) {
        let text = IdentifierField.normalized(identifier)
        var bytes: [UInt8] = []
        let isHex = HexText.decode(text.bytes.rawSpan, upperCase: false, to: &bytes)
        normalized = text
        key = hash64(text.bytes.rawSpan)
        binary = isHex && !text.isEmpty ? bytes : nil
    }

    /// Whether a column with these statistics can have the identifier at all.
    func mayMatch(_ statistics: ColumnStatistics) -> Bool {
        guard statistics.hexDigits > 0 else { return true }
        return binary != nil && normalized.count == statistics.hexDigits
    }

    /// The rows of a column payload that match, ascending; the reader moves to the payload's end.
    func rows(_ reader: inout ByteReader, count: Int, depth: Int = 0) throws(CorruptionError) -> [Int] {
        var peek = reader
        switch ColumnEncoding(rawValue: try peek.readUInt8()) {
        case .hexadecimal, .uuid:
            let head = try HexCodec.readHead(&peek)
            guard let binary, head.digits == normalized.count else { break }
            let rows = try HexCodec.find(binary, &peek, head, count: count)
            reader = peek
            return rows
        case .dictionary where depth < 8:
            let size = try peek.readCount(limit: Limits.dictionaryValues)
            let length = try peek.readCount(limit: peek.remaining)
            var values = peek
            let matching = try rows(&values, count: size, depth: depth + 1)
            try peek.skip(length)
            let found = matching.isEmpty ? [] : try CodeCodec.rows(of: matching, &peek, count: count, limit: size)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return found
        case .sparse where depth < 8:
            let bits = try SparseCodec.readBits(&peek, count: count)
            let dense = try rows(&peek, count: bits.rank(of: count), depth: depth + 1)
            reader = peek
            return bits.rows(at: dense)
        default: break
        }
        return try rowsDecoded(&reader, count: count)
    }

    /// The rows whose code is one of `matching`, ascending.
    static func rows(_ codes: [UInt32], matching: [Int]) -> [Int] {
        guard !matching.isEmpty else { return [] }
        if matching.count == 1 {
            return CodeKernels.positions(of: UInt32(matching[0]), in: codes).map(Int.init)
        }
        let wanted = Set(matching.map(UInt32.init))
        return codes.indices.filter { wanted.contains(codes[$0]) }
    }

    private func rowsDecoded(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> [Int] {
        rows(try ColumnDecoder.decode(&reader, count: count), count: count)
    }

    /// The rows of a decoded column that match, ascending.
    func rows(_ vector: ColumnVector, count: Int) -> [Int] {
        if case .dictionary(let codes, let values) = vector { return Self.rows(codes, matching: matching(values)) }
        return matching(vector.texts(count: count))
    }

    private func matching(_ values: StringColumn) -> [Int] {
        var hasher = IdentifierHasher()
        return (0..<values.count).filter { row in
            values.length(row) >= normalized.count && hasher.key(values[row]) == key
                && IdentifierField.normalized(values.value(row)) == normalized
        }
    }
}
