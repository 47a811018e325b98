import Bytes
import Records

extension ColumnEncoder {
    /// Values that are numbers or binary digits already; there is at least one, and two of them differ. O(rows).
    func encode(_ column: TypedColumn, to writer: inout ByteWriter) -> ColumnStatistics {
        guard column.missing > 0 else { return encode(column.values, to: &writer) }
        writer.write(ColumnEncoding.sparse.rawValue)
        SparseCodec.writePresence(column.bits, present: column.values.count, effort: effort, to: &writer)
        return sparse(encode(column.values, to: &writer), missing: column.missing)
    }

    /// Texts of one form, which is read once: what recurs is found among numbers, not among texts. Nil, with nothing
    /// written, for other texts. O(rows + bytes).
    mutating func encodeTyped(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, allowed: Allowed, to writer: inout ByteWriter
    ) -> ColumnStatistics? {
        guard slices.count >= TypedColumn.fewest, let values = TypedValues(slices, arena) else { return nil }
        guard let dictionary = values.worthwhileDictionary() else { return encode(values, to: &writer) }
        let builder = DictionaryBuilder(
            values: dictionary.firsts.map { slices[Int($0)] }, codes: dictionary.codes, counts: dictionary.counts)
        return encodeCheaper(builder, slices: slices, arena, missing: 0, allowed: allowed, to: &writer)
    }

    private func encode(_ values: TypedValues, to writer: inout ByteWriter) -> ColumnStatistics {
        switch values {
        case .numbers(let numbers, 0, 0):
            writer.write(ColumnEncoding.integers.rawValue)
            IntegerCodec.encode(numbers, effort: effort, to: &writer)
            var statistics = ColumnStatistics(.integers)
            statistics.integers = numbers.reduce(numbers[0], min)...numbers.reduce(numbers[0], max)
            return statistics
        case .numbers(let numbers, let fewest, let most):
            writer.write(ColumnEncoding.decimals.rawValue)
            DecimalCodec.encode(numbers, (fewest, most), effort: effort, to: &writer)
            return ColumnStatistics(.decimals)
        case .hex(let hex):
            var statistics = ColumnStatistics(hex.hasDashes ? .uuid : .hexadecimal)
            writer.write(statistics.encoding.rawValue)
            HexCodec.encode(
                hex.binary, digits: hex.digits, upperCase: hex.isUpperCase, effort: effort, to: &writer)
            statistics.hexDigits = hex.digits
            return statistics
        }
    }
}
