import Bytes
import Records

/// Columns that are kept by the kinds of rows: see `KindCodec`.
extension EncodedBlock {
    /// The kinds of rows that a column tells: its templates, or the codes of its dictionary.
    func rowKinds(_ position: Int) throws(CorruptionError) -> RowKinds {
        guard position < header.columns.count else {
            throw CorruptionError("kinds told by no column", offset: range.lowerBound, file: file)
        }
        let column = header.columns[position]
        return try RowKindsCache.kinds(identity, column: position) { () throws(CorruptionError) in
            try read(column.values) { reader throws(CorruptionError) in
                let kinds: RowKinds
                switch ColumnEncoding(rawValue: try reader.readUInt8()) {
                case .templates: kinds = RowKinds(try TemplateLayout(&reader, count: rowCount))
                case .dictionary:
                    let size = try reader.readCount(limit: Limits.dictionaryValues)
                    let length = try reader.readCount(limit: reader.remaining)
                    try reader.skip(length)
                    kinds = RowKinds(try CodeCodec.decode(&reader, count: rowCount, limit: size), size: size)
                default: throw CorruptionError("kinds told by a column without codes", offset: 0)
                }
                reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
                return kinds
            }
        }
    }

    /// Reads a column's payload; one whose presence is kept by kind as if it were a sparse one.
    func readPayload<Result>(
        of column: BlockHeader.Column, _ body: (inout ByteReader) throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        guard column.statistics.encoding == .sparse else { return try read(column.values, body) }
        guard let parent = try presenceParent(column) else {
            return try readPart(column.values, 0..<column.values.length, body)
        }
        let kinds = try rowKinds(parent)
        let plain = try readPart(column.values, 0..<column.values.length) { reader throws(CorruptionError) in
            try KindedColumn.sparse(&reader, kinds)
        }
        var reader = ByteReader(plain.rawSpan)
        do throws(CorruptionError) {
            let result = try body(&reader)
            guard reader.remaining == 0 else { throw CorruptionError("section left over", offset: reader.offset) }
            return result
        } catch {
            // The place in the section is another one.
            throw CorruptionError(error.reason, offset: start(of: column), file: file)
        }
    }

    /// The column that tells the kinds by which the presence of another is kept; nil where it is not.
    private func presenceParent(_ column: BlockHeader.Column) throws(CorruptionError) -> Int? {
        try read(column.values) { reader throws(CorruptionError) in
            let isKinded = try reader.readUInt8() == ColumnEncoding.kindedSparse.rawValue
            let parent = isKinded ? try reader.readCount(limit: BlockHeader.maximumColumns) : nil
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return parent
        }
    }

    /// The texts of some rows (ascending) of a column whose presence is kept by kind, read in place; nil for others and
    /// where the kind alone does not tell.
    func textsByPresence(_ column: BlockHeader.Column, rows: [Int]) throws(CorruptionError) -> StringColumn? {
        guard column.statistics.encoding == .sparse, let parent = try presenceParent(column) else { return nil }
        let kinds = try rowKinds(parent)
        return try readPart(column.values, 0..<column.values.length) { reader throws(CorruptionError) in
            defer { reader = ByteReader(reader.bytes, at: reader.bytes.byteCount) }
            try reader.skip(1)
            _ = try reader.readVarint()
            let layout = try KindCodec.Layout(&reader, limit: 2, kinds)
            guard let presence = try layout.presence(&reader, of: rows) else { return nil }
            guard presence.count > 0 else { throw CorruptionError("sparse column without a value", offset: 1) }
            let ranks = presence.ranks.compactMap { $0 }
            if ranks.isEmpty { return ColumnVector.missing.texts(count: rows.count) }
            let dense = try RowGather.texts(&reader, count: presence.count, rows: ranks, depth: 1)
            var text = TextBuilder(rows: rows.count, bytes: dense.arena.count)
            var next = 0
            for rank in presence.ranks {
                if rank != nil {
                    text.arena.append(copying: dense[next])
                    next += 1
                }
                text.endValue()
            }
            return text.column
        }
    }

    /// The rows of a column that have an identifier, ascending; values are searched before presence is asked for.
    func identifierRows(
        _ column: BlockHeader.Column, _ search: IdentifierSearch
    ) throws(CorruptionError) -> [Int] {
        guard column.statistics.encoding == .sparse, let parent = try presenceParent(column) else {
            return try read(column.values) { reader throws(CorruptionError) in
                try search.rows(&reader, count: rowCount)
            }
        }
        let count = rowCount - column.statistics.missing
        guard count > 0 else {
            throw CorruptionError("sparse column without a value", offset: start(of: column), file: file)
        }
        let dense = try readPart(column.values, 0..<column.values.length) { reader throws(CorruptionError) in
            try reader.skip(1)
            _ = try reader.readVarint()
            try KindCodec.skip(&reader, limit: 2)
            let dense = try search.rows(&reader, count: count)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return dense
        }
        if dense.isEmpty { return [] }
        let kinds = try rowKinds(parent)
        return try readPart(column.values, 0..<column.values.length) { reader throws(CorruptionError) in
            try reader.skip(1)
            _ = try reader.readVarint()
            let presence = try KindCodec.Layout(&reader, limit: 2, kinds).presence(&reader)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            guard presence.present == count else {
                throw CorruptionError("presence differs from the header", offset: 0)
            }
            return PresenceBits(presence.bits, count: rowCount).rows(at: dense)
        }
    }

    /// Nil for a column that is not kept by kind.
    func kindedColumn(_ column: BlockHeader.Column) throws(CorruptionError) -> KindedColumn? {
        guard column.statistics.encoding == .derived else { return nil }
        return try read(column.values) { reader throws(CorruptionError) in
            let kinded = try KindedColumn(&reader)
            reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
            return kinded
        }
    }

    /// All rows as codes into the distinct values.
    func decode(_ kinded: KindedColumn, _ column: BlockHeader.Column) throws(CorruptionError) -> ColumnVector {
        let codes = try codes(of: kinded, column)
        var values = try readPart(column.values, kinded.values) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: kinded.size, depth: 1).texts(count: kinded.size)
        }
        if kinded.hasMissing { values.append([UInt8]().rawSpan) }
        return .dictionary(codes: codes, values: values)
    }

    func native(_ kinded: KindedColumn, _ column: BlockHeader.Column) throws(CorruptionError) -> NativeColumn {
        let codes = try codes(of: kinded, column)
        // From the length of the values on.
        return try readPart(column.values, kinded.counted) { reader throws(CorruptionError) in
            try NativeDecoder.coded(&reader, size: kinded.size, codes, hasMissing: kinded.hasMissing)
        }
    }

    private func codes(of kinded: KindedColumn, _ column: BlockHeader.Column) throws(CorruptionError) -> [UInt32] {
        let kinds = try rowKinds(kinded.parent)
        return try readPart(column.values, kinded.codesStart..<column.values.length) { reader throws(CorruptionError) in
            try KindCodec.Layout(&reader, limit: kinded.limit, kinds).codes(&reader)
        }
    }

    /// The codes of some rows, ascending.
    func codes(
        of kinded: KindedColumn, _ column: BlockHeader.Column, rows: [Int]
    ) throws(CorruptionError) -> [UInt32] {
        let kinds = try rowKinds(kinded.parent)
        return try kinds.codes(of: rows, ofSection: column.values.offset) { () throws(CorruptionError) in
            try readPart(column.values, kinded.codesStart..<column.values.length) { reader throws(CorruptionError) in
                let codes = try KindCodec.Layout(&reader, limit: kinded.limit, kinds).codes(&reader, rows: rows)
                reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
                return codes
            }
        }
    }

    func texts(
        of kinded: KindedColumn, _ column: BlockHeader.Column, rows: [Int]
    ) throws(CorruptionError) -> StringColumn {
        let codes = try codes(of: kinded, column, rows: rows)
        let present = kinded.hasMissing ? codes.filter { $0 < kinded.size } : codes
        var texts = StringColumn()
        if !present.isEmpty {
            texts = try readPart(column.values, kinded.values) { reader throws(CorruptionError) in
                let texts = try RowGather.values(&reader, size: kinded.size, codes: present, depth: 1)
                reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
                return texts
            }
        }
        guard present.count < codes.count else { return texts }
        var spread = TextBuilder(rows: codes.count, bytes: texts.arena.count)
        var next = 0
        for code in codes {
            if code < kinded.size {
                spread.arena.append(copying: texts[next])
                next += 1
            }
            spread.endValue()
        }
        return spread.column
    }
}

/// A dictionary whose codes are kept by kind, not yet decoded.
///
/// `other column's position varint | distinct varint | u8: 1 where the code behind the last one means no value | length
/// varint, values | codes by kind`.
struct KindedColumn {
    /// The column that tells the kinds.
    let parent: Int
    let size: Int
    let hasMissing: Bool
    /// Where the values stand in the payload, with their length and without.
    let counted: Range<Int>
    let values: Range<Int>
    var codesStart: Int { counted.upperBound }
    /// What codes are below.
    var limit: Int { size + (hasMissing ? 1 : 0) }

    /// Nil for another encoding. The reader is at the payload's start.
    init?(_ reader: inout ByteReader) throws(CorruptionError) {
        guard try reader.readUInt8() == ColumnEncoding.kinded.rawValue else { return nil }
        parent = try reader.readCount(limit: BlockHeader.maximumColumns)
        size = try reader.readCount(limit: Limits.dictionaryValues)
        let missing = try reader.readUInt8()
        guard size > 0, missing <= 1 else { throw CorruptionError("empty dictionary", offset: reader.offset) }
        hasMissing = missing == 1
        let start = reader.offset
        let length = try reader.readCount(limit: reader.remaining)
        values = reader.offset..<(reader.offset + length)
        try reader.skip(length)
        counted = start..<values.upperBound
    }

    /// The payload of a sparse column whose presence is kept by kind, as that of a plain one. O(rows + bytes).
    static func sparse(_ reader: inout ByteReader, _ kinds: RowKinds) throws(CorruptionError) -> [UInt8] {
        try reader.skip(1)
        _ = try reader.readVarint()
        let presence = try KindCodec.Layout(&reader, limit: 2, kinds).presence(&reader)
        let dense = try reader.readSpan(reader.remaining)
        var writer = ByteWriter(capacity: presence.bits.count + dense.byteCount + 16)
        writer.write(ColumnEncoding.sparse.rawValue)
        writer.writeVarint(presence.present)
        ByteFrame.writeStored(presence.bits.rawSpan, to: &writer)
        writer.write(dense)
        return writer.bytes
    }
}
