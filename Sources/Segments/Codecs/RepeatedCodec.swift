import Bytes
import Records

/// A column that repeats others of its block, row by row: the same values under another name, or texts that hold
/// those of one or several others (`request` is the method, the path and the protocol).
///
/// `references varint | position varint each | form u8 (1: presence, 2: exceptions, 4: rests) | [present varint, frame
/// of a bit a row] | [exceptions varint, their rows as integers, counted column of their values] | [a counted column
/// of the text in front of each reference and behind the last, nothing where there is none in any row]`.
///
/// A row that is no exception is `rest value rest … value rest`. Rests are of these rows alone.
enum RepeatedCodec {
    /// Columns that one column may repeat at most.
    static let referencesLimit = 4

    private enum Form {
        static let presence: UInt8 = 1
        static let exceptions: UInt8 = 2
        static let rests: UInt8 = 4
        static let known: UInt8 = 7
    }

    /// What there is to write.
    struct Repetition {
        /// Positions of the other columns.
        var others: [Int]
        /// A bit a row with a value, where the others do not tell that.
        var presence: (bits: [UInt8], present: Int)?
        var exceptions: [Int64] = []
        var exceptionValues: [RecordBatch.Slice] = []
        /// A column a gap, of the rows that are no exceptions; empty without rests.
        var rests: [[RecordBatch.Slice]] = []
    }

    /// The payload of a column; slices point into `arena`. O(rows + bytes).
    static func encode(_ repetition: Repetition, _ arena: RawSpan, effort: EncodingEffort) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(ColumnEncoding.same.rawValue)
        writer.writeVarint(repetition.others.count)
        for other in repetition.others { writer.writeVarint(other) }
        let form =
            (repetition.presence == nil ? 0 : Form.presence) | (repetition.exceptions.isEmpty ? 0 : Form.exceptions)
            | (repetition.rests.isEmpty ? 0 : Form.rests)
        writer.write(form)
        if let presence = repetition.presence {
            SparseCodec.writePresence(presence.bits, present: presence.present, effort: effort, to: &writer)
        }
        if !repetition.exceptions.isEmpty {
            writer.writeVarint(repetition.exceptions.count)
            IntegerCodec.encode(repetition.exceptions, effort: effort, to: &writer)
            writer.writeCounted(column(repetition.exceptionValues, arena, effort))
        }
        for rest in repetition.rests {
            let isEmpty = rest.allSatisfy { $0.length == 0 }
            writer.writeCounted(isEmpty ? [] : column(rest, arena, effort))
        }
        return writer.bytes
    }

    private static func column(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, _ effort: EncodingEffort
    ) -> [UInt8] {
        var encoder = ColumnEncoder(effort: effort)
        var writer = ByteWriter()
        _ = encoder.encode(slices, arena, to: &writer)
        return writer.bytes
    }

    /// A payload, its columns not yet decoded.
    struct Layout {
        let others: [Int]
        let presence: PresenceBits?
        /// Ascending.
        let exceptions: [Int]
        private(set) var exceptionValues = 0..<0
        /// One more than there are others; empty ranges where there is no text.
        private(set) var rests: [Range<Int>] = []
        /// Rows that are no exceptions and, where presence is told, have a value.
        let regularCount: Int

        /// Whether every row has the value of the only other column.
        var isPlain: Bool {
            others.count == 1 && presence == nil && exceptions.isEmpty && rests.allSatisfy(\.isEmpty)
        }

        /// The reader is at the payload's start and moves to its end. `count` rows, `columns` in the block.
        init(_ reader: inout ByteReader, count: Int, columns: Int) throws(CorruptionError) {
            let start = reader.offset
            guard try reader.readUInt8() == ColumnEncoding.same.rawValue else {
                throw CorruptionError("repetition expected", offset: start)
            }
            let size = try reader.readCount(limit: RepeatedCodec.referencesLimit)
            var others: [Int] = []
            for _ in 0..<size { others.append(try reader.readCount(limit: columns)) }
            let form = try reader.readUInt8()
            guard size > 0, form & ~Form.known == 0, others.allSatisfy({ $0 < columns }) else {
                throw CorruptionError("repeats no column", offset: start)
            }
            self.others = others
            presence = form & Form.presence == 0 ? nil : try SparseCodec.readBits(&reader, count: count)
            var exceptions: [Int] = []
            if form & Form.exceptions != 0 {
                let size = try reader.readCount(limit: count)
                guard size > 0 else { throw CorruptionError("no exceptions", offset: reader.offset) }
                exceptions = try IntegerCodec.decode(&reader, count: size).map { Int($0) }
                exceptionValues = try Self.readRange(&reader)
            }
            self.exceptions = exceptions
            let present = presence.map { $0.rank(of: count) } ?? count
            regularCount = present - exceptions.count
            for gap in 0...size {
                rests.append(form & Form.rests == 0 ? gap..<gap : try Self.readRange(&reader))
            }
            try check(count: count, at: start)
        }

        private func check(count: Int, at start: Int) throws(CorruptionError) {
            var previous = -1
            for row in exceptions {
                guard row > previous, row < count, presence?.contains(row) ?? true else {
                    throw CorruptionError("exception \(row) cannot be", offset: start)
                }
                previous = row
            }
            guard regularCount > 0 else { throw CorruptionError("repeats no row", offset: start) }
        }

        private static func readRange(_ reader: inout ByteReader) throws(CorruptionError) -> Range<Int> {
            let length = try reader.readCount(limit: reader.remaining)
            let start = reader.offset
            try reader.skip(length)
            return start..<(start + length)
        }
    }
}
