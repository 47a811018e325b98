import Bytes
import Records

/// Where the parts of a column of templates stand, and each row's template. Offsets count from the start of the span
/// that was read.
///
/// `[0 varint, pools varint, per pool: distinct varint, length varint, values, occurrences varint, length varint,
/// codes] | skeletons varint | per skeleton: pieces varint | lengths of all pieces as integers | frame of all pieces
/// | codes (0: a text kept whole; else skeleton + 1) | per skeleton and variable: length varint, column payload |
/// texts kept whole: column payload, if there are any`.
struct TemplateLayout {
    /// Values that several variables share. Its occurrences are in the order of the rows and, within a row, of its
    /// variables.
    struct Pool {
        var distinct: Int
        var values: Range<Int>
        var occurrences: Int
        var codes: Range<Int>
    }

    enum Variable {
        /// A column of its own.
        case own(Range<Int>)
        /// The occurrences of a pool that fall on it.
        case pooled(Int)
    }

    private(set) var pools: [Pool] = []
    /// Per skeleton.
    private(set) var variables: [[Variable]] = []
    /// A row's skeleton + 1; 0 for a text kept whole.
    let codes: [UInt32]
    /// Rows of each code.
    let counts: [Int]
    /// Where the texts kept whole begin.
    private(set) var wholeStart = 0

    private var text: [UInt8] = []
    /// Ends of the pieces in `text`, and the first piece of each skeleton and their total.
    private var pieceEnds: [Int] = []
    private var firstPieces: [Int] = [0]

    private static let variablesLimit = 65_536
    private static let poolsLimit = 64

    var skeletonCount: Int { firstPieces.count - 1 }

    /// The static text of a skeleton: one more piece than it has variables. O(length).
    func pieces(of skeleton: Int) -> [ByteString] {
        (firstPieces[skeleton]..<firstPieces[skeleton + 1]).map { piece in
            ByteString(text.rawSpan.slice(start(of: piece), pieceEnds[piece] - start(of: piece)))
        }
    }

    private func start(of piece: Int) -> Int { piece == 0 ? 0 : pieceEnds[piece - 1] }

    /// The encoding's number has been read; the reader moves to the texts kept whole. O(rows + skeletons).
    init(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
        let start = reader.offset
        var size = try reader.readCount(limit: TemplateSplit.skeletonsLimit)
        if size == 0 {
            let pools = try reader.readCount(limit: Self.poolsLimit)
            for _ in 0..<pools { self.pools.append(try Self.readPool(&reader)) }
            size = try reader.readCount(limit: TemplateSplit.skeletonsLimit)
        }
        for _ in 0..<size {
            let pieces = try reader.readCount(limit: Self.variablesLimit)
            guard pieces > 0 else { throw CorruptionError("skeleton without pieces", offset: start) }
            firstPieces.append(firstPieces[firstPieces.count - 1] + pieces)
        }
        let total = firstPieces[size]
        guard size > 0, total <= ByteFrame.maximumLength else {
            throw CorruptionError("skeletons without pieces", offset: start)
        }
        let lengths = try IntegerCodec.decode(&reader, count: total)
        text = try ByteFrame.read(&reader)
        var end = 0
        for length in lengths {
            guard length >= 0, length <= text.count - end else {
                throw CorruptionError("skeleton piece beyond its text", offset: start)
            }
            end += Int(length)
            pieceEnds.append(end)
        }
        guard end == text.count else { throw CorruptionError("skeleton text left over", offset: start) }
        codes = try CodeCodec.decode(&reader, count: count, limit: size + 1)
        counts = CodeKernels.counts(codes, limit: size + 1)
        for skeleton in 0..<size { try readVariables(of: skeleton, &reader) }
        wholeStart = reader.offset
        try checkPools(at: start)
    }

    private static func readPool(_ reader: inout ByteReader) throws(CorruptionError) -> Pool {
        let distinct = try reader.readCount(limit: ByteFrame.maximumLength)
        let values = try readRange(&reader)
        let occurrences = try reader.readCount(limit: ByteFrame.maximumLength)
        guard distinct > 0, occurrences >= distinct else {
            throw CorruptionError("pool of \(distinct) values", offset: reader.offset)
        }
        return Pool(distinct: distinct, values: values, occurrences: occurrences, codes: try readRange(&reader))
    }

    private static func readRange(_ reader: inout ByteReader) throws(CorruptionError) -> Range<Int> {
        let length = try reader.readCount(limit: reader.remaining)
        let start = reader.offset
        try reader.skip(length)
        return start..<(start + length)
    }

    private mutating func readVariables(of skeleton: Int, _ reader: inout ByteReader) throws(CorruptionError) {
        var own: [Variable] = []
        for _ in 1..<max(1, firstPieces[skeleton + 1] - firstPieces[skeleton]) {
            guard counts[skeleton + 1] > 0 else {
                throw CorruptionError("skeleton without rows", offset: reader.offset)
            }
            let range = try Self.readRange(&reader)
            var variable = ByteReader(reader.bytes, at: range.lowerBound)
            guard !range.isEmpty, try variable.readUInt8() == ColumnEncoding.pooled.rawValue else {
                own.append(.own(range))
                continue
            }
            let pool = try variable.readCount(limit: pools.count)
            guard pool < pools.count, variable.offset == range.upperBound else {
                throw CorruptionError("variable of no pool", offset: range.lowerBound)
            }
            own.append(.pooled(pool))
        }
        variables.append(own)
    }

    /// The variables of a skeleton that draw on a pool.
    func members(of pool: Int, in skeleton: Int) -> [Int] {
        variables[skeleton].indices.filter { if case .pooled(pool) = variables[skeleton][$0] { true } else { false } }
    }

    /// How many occurrences of a pool each row of a code has.
    func widths(of pool: Int) -> [Int] { [0] + variables.indices.map { members(of: pool, in: $0).count } }

    private func checkPools(at offset: Int) throws(CorruptionError) {
        for (pool, entry) in pools.enumerated() {
            let occurrences = zip(widths(of: pool), counts).reduce(0) { $0 + $1.0 * $1.1 }
            guard occurrences == entry.occurrences else {
                throw CorruptionError("pool of \(entry.occurrences) occurrences, not \(occurrences)", offset: offset)
            }
        }
    }

    // MARK: Reading pools

    /// A pool decoded whole: its distinct values, and for each variable that draws on it a code a row of its skeleton.
    struct PoolContents: Sendable {
        var values: StringColumn
        /// By skeleton and variable.
        var codes: [[Int: [UInt32]]]
    }

    /// `bytes` is the span that the layout was read from. O(rows + bytes of the pool).
    func contents(of pool: Int, in bytes: RawSpan) throws(CorruptionError) -> PoolContents {
        let entry = pools[pool]
        var reader = ByteReader(bytes, at: entry.values.lowerBound)
        let values = try ColumnDecoder.decode(&reader, count: entry.distinct, depth: 1).texts(count: entry.distinct)
        reader = ByteReader(bytes, at: entry.codes.lowerBound)
        let all = try CodeCodec.decode(&reader, count: entry.occurrences, limit: entry.distinct)
        let members = [[]] + variables.indices.map { self.members(of: pool, in: $0) }
        var columns = members.enumerated().map { code, members in
            members.map { _ in
                var column: [UInt32] = []
                column.reserveCapacity(counts[code])
                return column
            }
        }
        var next = 0
        for code in codes {
            let code = Int(code)
            for member in members[code].indices {
                columns[code][member].append(all[next])
                next += 1
            }
        }
        let codes = variables.indices.map { skeleton in
            Dictionary(uniqueKeysWithValues: zip(members[skeleton + 1], columns[skeleton + 1]))
        }
        return PoolContents(values: values, codes: codes)
    }

    /// The values at some occurrences (ascending) of a pool. O(occurrences / 8 + bytes of compressed codes).
    func values(of pool: Int, at occurrences: [Int], in bytes: RawSpan) throws(CorruptionError) -> StringColumn {
        let entry = pools[pool]
        var reader = ByteReader(bytes, at: entry.codes.lowerBound)
        let codes = try CodeCodec.decode(
            &reader, count: entry.occurrences, limit: entry.distinct, rows: occurrences)
        reader = ByteReader(bytes, at: entry.values.lowerBound)
        return try RowGather.values(&reader, size: entry.distinct, codes: codes, depth: 1)
    }
}
