import Bytes
import Records
import Templates

/// Chooses an encoding for a column by what its values are, and writes it: `encoding u8 | body`. Decoding is
/// `ColumnDecoder`'s.
struct ColumnEncoder {
    struct Allowed: OptionSet {
        let rawValue: Int
        static let dictionary = Allowed(rawValue: 1)
        static let templates = Allowed(rawValue: 2)
        /// Texts taken apart as commit groups keep them.
        static let split = Allowed(rawValue: 4)
        static let all: Allowed = [.dictionary, .templates]
    }

    let effort: EncodingEffort
    /// Words of the texts encoded so far, for the column's filter; complete when sealing, unused otherwise.
    var words = WordCollector()

    /// The times of the rows whose values are encoded, where those are rows of a block.
    var rowTimes: [Int64]?
    /// The other columns of these rows, where texts may tell them again.
    var told: ToldVariables?

    /// The last dictionary that was built over the values as they came, whether or not it was used.
    private(set) var parts: DictionaryParts?

    /// The template of each text of the last column that was encoded as templates.
    var templateKinds: RowKinds?

    struct DictionaryParts {
        var dictionary: DictionaryBuilder
        /// Payload of the distinct values.
        var values: [UInt8]
    }

    init(effort: EncodingEffort) { self.effort = effort }

    /// Slices point into `arena`; there is at least one. O(rows + bytes).
    mutating func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, allowed: Allowed = .all, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let missing = SliceKernels.missing(slices.rawSpan)
        if Self.allEqual(slices, arena) {
            return encodeConstant(slices[0], arena, missing: missing, to: &writer)
        }
        if missing * 2 > slices.count || (missing > 0 && !allowed.contains(.dictionary)) {
            return encodeSparse(slices, arena, missing: missing, allowed: allowed, to: &writer)
        }
        if effort == .seal, missing == 0, allowed.contains(.dictionary),
            let statistics = encodeTyped(slices, arena, allowed: allowed, to: &writer)
        {
            return statistics
        }
        let limit = min(Limits.dictionaryValues, slices.count / 2)
        guard allowed.contains(.dictionary), slices.count >= 4,
            let dictionary = DictionaryBuilder(slices, arena, limit: limit)
        else {
            return encodeWithoutDictionary(slices, arena, missing: missing, allowed: allowed, to: &writer)
        }
        return encodeCheaper(dictionary, slices: slices, arena, missing: missing, allowed: allowed, to: &writer)
    }

    /// The same for a column whose distinct values are known. There is at least one row. O(rows + bytes).
    mutating func encode(
        _ coded: DictionaryBuilder, _ arena: RawSpan, allowed: Allowed = .all, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let rows = coded.codes.count
        let empty = coded.values.firstIndex { $0.length == 0 }
        let missing = empty.map { Int(coded.counts[$0]) } ?? 0
        if coded.values.count == 1 { return encodeConstant(coded.values[0], arena, missing: missing, to: &writer) }
        if let empty, missing * 2 > rows {
            writer.write(ColumnEncoding.sparse.rawValue)
            let code = UInt32(empty)
            SparseCodec.writePresence(coded.codes, missing: code, effort: effort, to: &writer)
            return sparse(encode(coded.removing(code), arena, allowed: allowed, to: &writer), missing: missing)
        }
        guard allowed.contains(.dictionary), rows >= 4, coded.values.count <= min(Limits.dictionaryValues, rows / 2)
        else {
            return encodeWithoutDictionary(coded.slices, arena, missing: missing, allowed: allowed, to: &writer)
        }
        return encodeCheaper(coded, slices: nil, arena, missing: missing, allowed: allowed, to: &writer)
    }

    /// As a dictionary or without one, whichever is smaller.
    mutating func encodeCheaper(
        _ dictionary: DictionaryBuilder, slices: [RecordBatch.Slice]?, _ arena: RawSpan, missing: Int,
        allowed: Allowed, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let coded = payload(of: dictionary, arena, allowed: allowed)
        if effort == .packed, coded.payload.count >= Self.comparedBytes, Self.areLong(dictionary.values) {
            return encodeSmaller(
                coded, slices ?? dictionary.slices, arena, missing: missing, allowed: allowed, to: &writer)
        }
        if coded.isCheaper {
            writer.write(coded.payload)
            return coded.statistics
        }
        // By the estimate the values themselves are cheaper; now that they have to be written, compare.
        let start = writer.count
        let statistics = encodeWithoutDictionary(
            slices ?? dictionary.slices, arena, missing: missing, allowed: allowed, to: &writer)
        if writer.count - start <= coded.payload.count { return statistics }
        writer.bytes.removeLast(writer.count - start)
        writer.write(coded.payload)
        return coded.statistics
    }

    /// The same by what is left of each when the whole block is compressed.
    private mutating func encodeSmaller(
        _ coded: Coded, _ slices: [RecordBatch.Slice], _ arena: RawSpan, missing: Int, allowed: Allowed,
        to writer: inout ByteWriter
    ) -> ColumnStatistics {
        var other = ByteWriter()
        let statistics = encodeWithoutDictionary(slices, arena, missing: missing, allowed: allowed, to: &other)
        let isSmaller = effort.size(other.bytes) < effort.size(coded.payload)
        writer.write(isSmaller ? other.bytes : coded.payload)
        return isSmaller ? statistics : coded.statistics
    }

    /// Whether a compressor sees more in the values themselves than in codes: sentences, not names.
    private static func areLong(_ values: [RecordBatch.Slice]) -> Bool {
        values.reduce(0) { $0 + Int($1.length) } >= values.count * 24
    }

    /// Bytes of a dictionary column from which it is worth looking which of two forms is smaller.
    private static let comparedBytes = 2_048

    private mutating func encodeWithoutDictionary(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, missing: Int, allowed: Allowed, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        if missing > 0 {
            return encodeSparse(slices, arena, missing: missing, allowed: allowed.subtracting(.dictionary), to: &writer)
        }
        return encodeValues(slices, arena, allowed: allowed, to: &writer)
    }

    static func allEqual(_ slices: [RecordBatch.Slice], _ arena: RawSpan) -> Bool {
        let first = arena.slice(Int(slices[0].offset), Int(slices[0].length))
        for slice in slices where slice != slices[0] {
            guard slice.length == slices[0].length,
                arena.slice(Int(slice.offset), Int(slice.length)).equals(first)
            else { return false }
        }
        return true
    }

    private func encodeConstant(
        _ slice: RecordBatch.Slice, _ arena: RawSpan, missing: Int, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let value = arena.slice(Int(slice.offset), Int(slice.length))
        writer.write(ColumnEncoding.constant.rawValue)
        ByteFrame.write(value, effort: effort, to: &writer)
        var statistics = ColumnStatistics(.constant)
        statistics.missing = missing
        statistics.distinct = 1
        if let integer = DecimalText.canonicalInteger(value) { statistics.integers = integer...integer }
        switch TextShape(value, fixedLength: true) {
        case .hexadecimal where value.byteCount <= HexCodec.maximumDigits: statistics.hexDigits = value.byteCount
        case .uuid: statistics.hexDigits = HexCodec.uuidDigits
        default: break
        }
        return statistics
    }

    private mutating func encodeSparse(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, missing: Int, allowed: Allowed, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        writer.write(ColumnEncoding.sparse.rawValue)
        SparseCodec.writePresence(slices, effort: effort, to: &writer)
        return sparse(
            encode(PresenceKernels.present(slices), arena, allowed: allowed, to: &writer), missing: missing)
    }

    func sparse(_ inner: ColumnStatistics, missing: Int) -> ColumnStatistics {
        var statistics = inner
        statistics.encoding = .sparse
        statistics.missing = missing
        statistics.integers = nil
        if inner.distinct > 0 { statistics.distinct = inner.distinct + 1 }
        return statistics
    }

    /// A column as a dictionary: its payload, and whether that is estimated to be cheaper than the values themselves.
    private struct Coded {
        var payload: [UInt8]
        var statistics: ColumnStatistics
        var isCheaper: Bool
    }

    private mutating func payload(of dictionary: DictionaryBuilder, _ arena: RawSpan, allowed: Allowed) -> Coded {
        var values = ByteWriter()
        let inner = encode(
            dictionary.values, arena, allowed: allowed.subtracting([.dictionary, .split]), to: &values)
        parts = DictionaryParts(dictionary: dictionary, values: values.bytes)
        var writer = ByteWriter()
        writer.write(ColumnEncoding.dictionary.rawValue)
        writer.writeVarint(dictionary.values.count)
        writer.writeCounted(values.bytes)
        CodeCodec.encode(dictionary.codes, counts: dictionary.counts, effort: effort, to: &writer)
        var statistics = inner
        statistics.encoding = .dictionary
        statistics.distinct = dictionary.values.count
        statistics.distinctSlices = dictionary.values
        statistics.missing = 0
        if let empty = dictionary.values.firstIndex(where: { $0.length == 0 }) {
            statistics.missing = Int(dictionary.counts[empty])
        }
        // What the distinct values cost one by one is about what all rows would cost without a dictionary.
        let direct = Double(values.count) / Double(dictionary.values.count) * Double(dictionary.codes.count)
        return Coded(payload: writer.bytes, statistics: statistics, isCheaper: Double(writer.count) < direct)
    }

    /// Without missing values and without a dictionary.
    private mutating func encodeValues(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, allowed: Allowed, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let length = slices[0].length
        let fixedLength = slices.allSatisfy { $0.length == length }
        let first = arena.slice(Int(slices[0].offset), Int(length))
        var statistics: ColumnStatistics?
        switch TextShape(first, fixedLength: fixedLength) {
        case .number:
            statistics = encodeNumbers(slices, arena, to: &writer)
            if statistics == nil, fixedLength { statistics = encodeFixed(slices, arena, to: &writer) }
        case .hexadecimal: statistics = encodeFixed(slices, arena, to: &writer)
        case .uuid: statistics = encodeHex(slices, arena, uuid: true, to: &writer)
        case .ipv4: statistics = attempt(.ipv4, &writer) { AddressCodec.encode(slices, arena, effort: effort, to: &$0) }
        case .timestamp:
            statistics = attempt(.timestamps, &writer) { TimestampCodec.encode(slices, arena, effort: effort, to: &$0) }
            if statistics == nil, fixedLength { statistics = encodeDigits(slices, arena, to: &writer) }
        case .other: if fixedLength { statistics = encodeDigits(slices, arena, to: &writer) }
        }
        if statistics == nil, allowed.contains(.split), effort == .commit, !fixedLength {
            // To a header they are texts.
            let isSplit = attempt(.split, &writer) { SplitCodec.encode(slices, arena, to: &$0) } != nil
            if isSplit { statistics = ColumnStatistics(.text) }
        }
        if let statistics { return statistics }
        if allowed.contains(.templates), effort != .commit { return encodeTexts(slices, arena, to: &writer) }
        writer.write(ColumnEncoding.text.rawValue)
        TextCodec.encode(slices, arena, effort: effort, to: &writer)
        return ColumnStatistics(.text)
    }

    /// Writes the encoding's number and what `body` writes; takes both back where it answers false.
    func attempt(
        _ encoding: ColumnEncoding, _ writer: inout ByteWriter, _ body: (inout ByteWriter) -> Bool
    ) -> ColumnStatistics? {
        let start = writer.count
        writer.write(encoding.rawValue)
        if body(&writer) { return ColumnStatistics(encoding) }
        writer.bytes.removeLast(writer.count - start)
        return nil
    }

    private func encodeNumbers(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics? {
        guard let integers = SliceKernels.integers(slices.rawSpan, arena) else {
            return attempt(.decimals, &writer) { DecimalCodec.encode(slices, arena, effort: effort, to: &$0) }
        }
        writer.write(ColumnEncoding.integers.rawValue)
        IntegerCodec.encode(integers, effort: effort, to: &writer)
        var statistics = ColumnStatistics(.integers)
        statistics.integers = integers.reduce(integers[0], min)...integers.reduce(integers[0], max)
        return statistics
    }

    /// Digits alone, too few to be an identifier, take less room as a number than as hex.
    private func encodeFixed(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics? {
        if slices[0].length < 12, let found = encodeDigits(slices, arena, to: &writer) { return found }
        return encodeHex(slices, arena, uuid: false, to: &writer)
    }

    private func encodeDigits(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics? {
        if effort == .commit || slices.count < 4 { return nil }
        let start = writer.count
        let digits = attempt(.digits, &writer) { DigitsCodec.encode(slices, arena, effort: effort, to: &$0) }
        let length = writer.count - start
        guard digits != nil, length > slices.count * Self.wideDigitsBytes else { return digits }
        // Values that take so much have little in common with their neighbours, but may recur as they are.
        var text = ByteWriter()
        text.write(ColumnEncoding.text.rawValue)
        TextCodec.encode(slices, arena, effort: effort, to: &text)
        guard effort.size(text.bytes) < effort.size(Array(writer.bytes[start...])) else { return digits }
        writer.bytes.removeLast(length)
        writer.write(text.bytes)
        return ColumnStatistics(.text)
    }

    /// Bytes a value from which digits are compared with the texts as they came.
    private static let wideDigitsBytes = 3

    private func encodeHex(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, uuid: Bool, to writer: inout ByteWriter
    ) -> ColumnStatistics? {
        var statistics = attempt(uuid ? .uuid : .hexadecimal, &writer) {
            HexCodec.encode(slices, arena, uuid: uuid, effort: effort, to: &$0)
        }
        statistics?.hexDigits = uuid ? HexCodec.uuidDigits : Int(slices[0].length)
        return statistics
    }
}
