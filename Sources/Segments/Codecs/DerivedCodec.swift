import Bytes
import Records

/// A column whose values follow from another's: the pod decides the service, the trace decides the user. It keeps a
/// dictionary of its own, one code for every distinct value of the other column, and the rows that are exceptions.
///
/// `other column's position varint | distinct values varint | length varint, values payload | codes by the other's
/// codes | exceptions varint | [their rows as integers, their codes as integers]`.
enum DerivedCodec {
    /// A dependency that was found: what each code of the other column stands for, and the rows that differ.
    struct Dependency {
        /// By the other column's code; its first row decides.
        var codes: [UInt32]
        var exceptions: [Int]
    }

    /// Exceptions beyond one in this many rows are too many.
    private static let rowsPerException = 32
    /// Rows looked at first.
    private static let sampleRows = 512

    /// Nil where `codes` do not follow from `other`, whose codes are below `otherCount`. O(rows).
    static func find(_ codes: [UInt32], from other: [UInt32], otherCount: Int) -> Dependency? {
        guard isLikely(codes, from: other, otherCount: otherCount) else { return nil }
        var map = [UInt32](repeating: .max, count: otherCount)
        var exceptions: [Int] = []
        let limit = codes.count / rowsPerException
        for row in codes.indices {
            let known = map[Int(other[row])]
            if known == codes[row] { continue }
            if known == .max {
                map[Int(other[row])] = codes[row]
            } else {
                exceptions.append(row)
                if exceptions.count > limit { return nil }
            }
        }
        // Templates may have no rows; what stands for those does not matter.
        return Dependency(codes: map.map { $0 == .max ? 0 : $0 }, exceptions: exceptions)
    }

    /// Judges by runs of rows from four places: neighbours share values of the other column more often than distant
    /// rows do.
    private static func isLikely(_ codes: [UInt32], from other: [UInt32], otherCount: Int) -> Bool {
        var seen: [UInt32: UInt32] = [:]
        var repeats = 0
        var misses = 0
        for part in 0..<4 {
            let start = part * codes.count / 4
            for row in start..<min(codes.count, start + sampleRows / 4) {
                guard let known = seen[other[row]] else {
                    seen[other[row]] = codes[row]
                    continue
                }
                repeats += 1
                if known != codes[row] { misses += 1 }
                if misses > 16 { return false }
            }
        }
        return misses * rowsPerException <= repeats
    }

    static func encode(
        _ dependency: Dependency, on position: Int, _ parts: ColumnEncoder.DictionaryParts,
        effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        let codes = parts.dictionary.codes
        var counts = [UInt32](repeating: 0, count: parts.dictionary.values.count)
        for code in dependency.codes { counts[Int(code)] += 1 }
        writer.write(ColumnEncoding.derived.rawValue)
        writer.writeVarint(position)
        writer.writeVarint(parts.dictionary.values.count)
        writer.writeCounted(parts.values)
        CodeCodec.encode(dependency.codes, counts: counts, effort: effort, to: &writer)
        writer.writeVarint(dependency.exceptions.count)
        guard !dependency.exceptions.isEmpty else { return }
        IntegerCodec.encode(dependency.exceptions.map(Int64.init), effort: effort, to: &writer)
        IntegerCodec.encode(dependency.exceptions.map { Int64(codes[$0]) }, effort: effort, to: &writer)
    }

    /// The position of the column that a payload depends on; nil for other encodings.
    static func position(_ payload: RawSpan) throws(CorruptionError) -> Int? {
        var reader = ByteReader(payload)
        guard try reader.readUInt8() == ColumnEncoding.derived.rawValue else { return nil }
        return try reader.readCount(limit: BlockHeader.maximumColumns)
    }

    /// Reads a payload of this encoding, given the other column's codes and how many distinct ones it has.
    static func decode(
        _ reader: inout ByteReader, other: [UInt32], otherCount: Int
    ) throws(CorruptionError) -> ColumnVector {
        let size = try readSize(&reader)
        let values = try ColumnDecoder.decodeValues(&reader, size: size, depth: 1)
        let map = try CodeCodec.decode(&reader, count: otherCount, limit: size)
        var codes = other.map { map[Int($0)] }
        let exceptions = try readExceptions(&reader, count: other.count, limit: size)
        for index in exceptions.rows.indices { codes[Int(exceptions.rows[index])] = UInt32(exceptions.codes[index]) }
        return .dictionary(codes: codes, values: values)
    }

    /// The codes of some rows of `count`, given the other column's codes of the same rows, and the number of distinct
    /// values.
    static func codes(
        _ reader: inout ByteReader, rows: [Int], count: Int, other: [UInt32], otherCount: Int
    ) throws(CorruptionError) -> (codes: [UInt32], size: Int) {
        let size = try readSize(&reader)
        let length = try reader.readCount(limit: reader.remaining)
        try reader.skip(length)
        let map = try CodeCodec.decode(&reader, count: otherCount, limit: size)
        var codes = other.map { map[Int($0)] }
        let exceptions = try readExceptions(&reader, count: count, limit: size)
        guard !exceptions.rows.isEmpty else { return (codes, size) }
        let differing = Dictionary(zip(exceptions.rows, exceptions.codes), uniquingKeysWith: { _, last in last })
        for (place, row) in rows.enumerated() {
            if let own = differing[Int64(row)] { codes[place] = UInt32(own) }
        }
        return (codes, size)
    }

    /// The values of some codes.
    static func texts(_ reader: inout ByteReader, codes: [UInt32]) throws(CorruptionError) -> StringColumn {
        let size = try readSize(&reader)
        _ = try reader.readCount(limit: reader.remaining)
        return try RowGather.values(&reader, size: size, codes: codes, depth: 1)
    }

    /// Where the distinct values stand in a payload, and how many they are. The reader moves behind them.
    static func values(_ reader: inout ByteReader) throws(CorruptionError) -> (range: Range<Int>, size: Int) {
        let size = try readSize(&reader)
        let length = try reader.readCount(limit: reader.remaining)
        let start = reader.offset
        try reader.skip(length)
        return (start..<reader.offset, size)
    }

    private static func readSize(_ reader: inout ByteReader) throws(CorruptionError) -> Int {
        let start = reader.offset
        try reader.skip(1)
        _ = try reader.readVarint()
        let size = try reader.readCount(limit: Limits.dictionaryValues)
        guard size > 0 else { throw CorruptionError("empty dictionary", offset: start) }
        return size
    }

    private static func readExceptions(
        _ reader: inout ByteReader, count: Int, limit: Int
    ) throws(CorruptionError) -> (rows: [Int64], codes: [Int64]) {
        let start = reader.offset
        let exceptions = try reader.readCount(limit: count)
        guard exceptions > 0 else { return ([], []) }
        let rows = try IntegerCodec.decode(&reader, count: exceptions)
        let codes = try IntegerCodec.decode(&reader, count: exceptions)
        for index in 0..<exceptions {
            guard rows[index] >= 0, rows[index] < count, codes[index] >= 0, codes[index] < limit else {
                throw CorruptionError("exception \(index) cannot be", offset: start)
            }
        }
        return (rows, codes)
    }
}
