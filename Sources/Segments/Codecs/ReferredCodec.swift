import Bytes
import Records

/// A column of identifiers whose values stand in another column of the block too: a parent's span ID is the span ID
/// of a row nearby. It keeps where each distinct value stands there, and the values that do not.
///
/// An *entry* of the other column is a value of its dictionary or, without one, of a row that has a value.
///
/// `other column's position varint | present varint, frame of a bit a row | distinct values varint | found varint,
/// frame of a bit a distinct value | entries of the found ones as integers | [length varint, column of the others] |
/// codes of the present rows`.
enum ReferredCodec {
    /// The distinct values of the rows that have one, and each such row's code.
    struct Distinct {
        var values: HexValues
        var codes: [UInt32]
        var counts: [UInt32]
    }

    /// For each distinct value the first entry that equals it, or `FixedKernels.none`.
    struct Reference {
        var entries: [UInt32]
        var found: Int
    }

    /// Values that are looked for before all are.
    private static let sampleSize = 256

    /// False where so few of some values are found that looking for all of them is not worth while. O(entries).
    static func isLikely(_ values: HexValues, in entries: HexValues) -> Bool {
        guard isOneForm(values, entries), values.count > 0 else { return false }
        let step = max(1, values.count / sampleSize)
        var sample: [UInt8] = []
        for value in stride(from: 0, to: values.count, by: step) {
            sample.append(copying: values.binary.rawSpan.slice(value * values.stride, values.stride))
        }
        let found = FixedKernels.find(sample.rawSpan, in: entries.binary.rawSpan, stride: values.stride).found
        return found * 4 >= sample.count / values.stride
    }

    /// Nil where fewer than half of the values are found. The entries are those of the other column without the empty
    /// one, if that has one. O(values + entries).
    static func find(_ values: HexValues, in entries: HexValues, without empty: Int?) -> Reference? {
        guard isOneForm(values, entries), values.count > 0 else { return nil }
        let found = FixedKernels.find(
            values.binary.rawSpan, in: entries.binary.rawSpan, stride: values.stride)
        guard found.found * 2 >= values.count else { return nil }
        guard let empty else { return Reference(entries: found.places, found: found.found) }
        let places = found.places.map { $0 == FixedKernels.none || $0 < empty ? $0 : $0 + 1 }
        return Reference(entries: places, found: found.found)
    }

    private static func isOneForm(_ values: HexValues, _ others: HexValues) -> Bool {
        values.digits == others.digits && values.isUpperCase == others.isUpperCase
            && values.hasDashes == others.hasDashes
    }

    /// `presence` has a bit for each row that has a value, `present` of them.
    static func encode(
        _ reference: Reference, on other: Int, _ distinct: Distinct, _ presence: (bits: [UInt8], present: Int),
        effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        writer.write(ColumnEncoding.referred.rawValue)
        writer.writeVarint(other)
        SparseCodec.writePresence(presence.bits, present: presence.present, effort: effort, to: &writer)
        writer.writeVarint(distinct.values.count)
        SparseCodec.writePresence(reference.entries, missing: FixedKernels.none, effort: effort, to: &writer)
        let found = PresenceKernels.codes(reference.entries, without: FixedKernels.none)
        IntegerCodec.encode(found.map(Int64.init), effort: effort, to: &writer)
        let rest = reference.entries.indices.filter { reference.entries[$0] == FixedKernels.none }
        if !rest.isEmpty {
            let texts = TypedValues.hex(distinct.values).taking(rest.map(UInt32.init)).texts
            let slices = rest.indices.map {
                RecordBatch.Slice(offset: texts.offsets[$0], length: UInt32(texts.length($0)))
            }
            var payload = ByteWriter()
            var encoder = ColumnEncoder(effort: effort)
            _ = encoder.encode(slices, texts.arena.rawSpan, allowed: [], to: &payload)
            writer.writeCounted(payload.bytes)
        }
        CodeCodec.encode(distinct.codes, counts: distinct.counts, effort: effort, to: &writer)
    }

    /// A payload of this encoding, its codes not yet decoded.
    struct Layout {
        let other: Int
        /// Of the rows.
        let presence: PresenceBits
        let present: Int
        let distinct: Int
        /// Of the distinct values: whether one is found in the other column.
        let found: PresenceBits
        let foundCount: Int
        /// Where the entries of those that are found stand, by their ranks among them.
        let entries: Range<Int>
        /// Where the others stand, and how many they are.
        let rest: Range<Int>
        let restCount: Int
        let codesStart: Int

        /// The reader moves to the codes.
        init(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
            let start = reader.offset
            guard try reader.readUInt8() == ColumnEncoding.referred.rawValue else {
                throw CorruptionError("references expected", offset: start)
            }
            other = try reader.readCount(limit: BlockHeader.maximumColumns)
            presence = try SparseCodec.readBits(&reader, count: count)
            present = presence.rank(of: count)
            distinct = try reader.readCount(limit: Limits.dictionaryValues)
            guard distinct > 0 else { throw CorruptionError("no distinct values", offset: start) }
            found = try SparseCodec.readBits(&reader, count: distinct)
            foundCount = found.rank(of: distinct)
            let entriesStart = reader.offset
            try IntegerCodec.skip(&reader, count: foundCount)
            entries = entriesStart..<reader.offset
            restCount = distinct - foundCount
            let length = restCount > 0 ? try reader.readCount(limit: reader.remaining) : 0
            rest = reader.offset..<(reader.offset + length)
            try reader.skip(length)
            codesStart = reader.offset
        }

        /// Codes (ascending) split by where their values stand: ranks among those found in the other column, and among
        /// the rest.
        func split(_ codes: [Int]) -> (found: [Int], rest: [Int]) {
            var rest: [Int] = []
            var foundBefore = 0
            var next = 0
            for code in codes where !found.contains(code) {
                while next < code {
                    foundBefore += found.contains(next) ? 1 : 0
                    next += 1
                }
                rest.append(code - foundBefore)
            }
            return (found.ranks(of: codes), rest)
        }
    }
}
