import Bytes
import Records

extension ColumnEncoder {
    /// A column of a block; there is at least one row. O(rows + bytes).
    mutating func encode(
        _ column: BlockRows.Column, looksLikeOne: Bool, _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        switch column.values {
        case .slices(let slices):
            // Sealed blocks are larger than the rows that were looked at.
            let isKnown = column.isRarelyRecurring && effort == .commit
            var allowed: ColumnEncoder.Allowed = isKnown ? .templates : .all
            // Identifiers are looked up in commit groups, a few rows at a time.
            if effort == .commit, !looksLikeOne { allowed.insert(.split) }
            return encode(slices, arena, allowed: allowed, to: &writer)
        case .sparse(let values):
            writer.write(ColumnEncoding.sparse.rawValue)
            SparseCodec.writePresence(values.bits, present: values.slices.count, effort: effort, to: &writer)
            return sparse(
                encode(values.slices, arena, to: &writer), missing: values.rowCount - values.slices.count)
        case .coded(let coded): return encode(coded, arena, to: &writer)
        case .typed(let typed): return encode(typed, to: &writer)
        case .parts(let parts): return encode(parts, arena, to: &writer)
        }
    }

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

extension ColumnEncoder {
    /// Texts that are taken apart. O(variables + bytes).
    mutating func encode(_ parts: TextParts, _ arena: RawSpan, to writer: inout ByteWriter) -> ColumnStatistics {
        guard parts.missing > 0 else { return encodePresent(parts, arena, to: &writer) }
        writer.write(ColumnEncoding.sparse.rawValue)
        SparseCodec.writePresence(parts.bits, present: parts.codes.count, effort: effort, to: &writer)
        return sparse(encodePresent(parts, arena, to: &writer), missing: parts.missing)
    }

    private mutating func encodePresent(
        _ parts: TextParts, _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let former = words
        let start = writer.count
        let templated = encodeTemplates(parts.codes.count, words: former, to: &writer) {
            $0.encode(TemplateSplit(parts), arena, to: &$1)
        }
        guard let templated else { preconditionFailure("texts taken apart, and none of any kind") }
        guard gainsLittle(writer, from: start, parts.byteCount) else { return templated }
        var texts: [UInt8] = []
        texts.append(copying: arena)
        let slices = PresenceKernels.present(parts.slices(in: &texts))
        return encodeSmallest(slices, texts.rawSpan, templated, words: former, from: start, to: &writer)
    }
}
