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
    /// For each distinct value the entry that equals it, or nil.
    struct Reference {
        var entries: [UInt32?]
        var found: Int
    }

    /// Nil where fewer than half of the values are found. O(values + entries).
    static func find(_ values: [RecordBatch.Slice], in entries: [RecordBatch.Slice], _ arena: RawSpan) -> Reference? {
        guard !values.isEmpty, !entries.isEmpty else { return nil }
        let union = CodeKernels.union((entries + values).rawSpan, arena)
        var reference = Reference(entries: [], found: 0)
        reference.entries.reserveCapacity(values.count)
        for value in values.indices {
            let first = union.firsts[Int(union.codes[entries.count + value])]
            let isFound = first < entries.count
            reference.entries.append(isFound ? first : nil)
            reference.found += isFound ? 1 : 0
        }
        return reference.found * 2 >= values.count ? reference : nil
    }

    /// `dictionary` is of the present values, `presence` 1 for each row that has one.
    static func encode(
        _ reference: Reference, on other: Int, _ dictionary: DictionaryBuilder, _ presence: [UInt32], _ arena: RawSpan,
        effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        writer.write(ColumnEncoding.referred.rawValue)
        writer.writeVarint(other)
        SparseCodec.writePresence(presence, effort: effort, to: &writer)
        writer.writeVarint(dictionary.values.count)
        SparseCodec.writePresence(reference.entries.map { $0 == nil ? 0 : 1 }, effort: effort, to: &writer)
        IntegerCodec.encode(reference.entries.compactMap { $0.map(Int64.init) }, effort: effort, to: &writer)
        let rest = zip(dictionary.values, reference.entries).filter { $0.1 == nil }.map(\.0)
        if !rest.isEmpty {
            var payload = ByteWriter()
            var encoder = ColumnEncoder(effort: effort)
            _ = encoder.encode(rest, arena, allowed: [], to: &payload)
            writer.writeCounted(payload.bytes)
        }
        CodeCodec.encode(dictionary.codes, counts: dictionary.counts, effort: effort, to: &writer)
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
        /// The entry of each one that is found, by its rank among them.
        let entries: [Int]
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
            let foundCount = found.rank(of: distinct)
            let numbers = try IntegerCodec.decode(&reader, count: foundCount)
            guard numbers.allSatisfy({ $0 >= 0 && $0 < BlockHeader.maximumRows }) else {
                throw CorruptionError("reference to no entry", offset: start)
            }
            entries = numbers.map(Int.init)
            restCount = distinct - foundCount
            let length = restCount > 0 ? try reader.readCount(limit: reader.remaining) : 0
            rest = reader.offset..<(reader.offset + length)
            try reader.skip(length)
            codesStart = reader.offset
        }

        /// Codes (ascending) split by where their values stand: entries of the other column, ranks among the rest.
        func split(_ codes: [Int]) -> (found: [Int], rest: [Int]) {
            let foundRanks = found.ranks(of: codes)
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
            return (foundRanks.map { entries[$0] }, rest)
        }
    }
}
