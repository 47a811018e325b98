import Bytes
import Records

/// Where the parts of a column of templates stand, and each row's template. Offsets count from the start of the span
/// that was read.
///
/// `[0 varint, pools varint, per pool: distinct varint, length varint, values, occurrences varint, length varint,
/// codes; or 0 varint, occurrences varint, length varint, column payload] | skeletons varint | per skeleton: pieces
/// varint | all pieces as texts
/// | codes (0: a text kept whole; else skeleton + 1) | per skeleton and variable: length varint, column payload |
/// texts kept whole: column payload, if there are any`.
struct TemplateLayout: Sendable {
    /// Values that several variables share. Its occurrences are in the order of the rows and, within a row, of its
    /// variables.
    struct Pool: Sendable {
        /// 0 where the occurrences are a column, which `values` is then.
        var distinct: Int
        var values: Range<Int>
        var occurrences: Int
        var codes: Range<Int>
    }

    enum Variable: Sendable {
        /// A column of its own.
        case own(Range<Int>)
        /// The occurrences of a pool that fall on it.
        case pooled(Int)
        /// The values of an earlier variable of the skeleton, which is not of this kind.
        case same(Int)
        /// The values of another column, by its position.
        case told(Int)
    }

    private(set) var pools: [Pool] = []
    /// Per skeleton.
    private(set) var variables: [[Variable]] = []
    /// Per skeleton: the variables that draw on a pool, in their order.
    private(set) var pooledVariables: [[(variable: Int, pool: Int)]] = []
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
    private static let poolsLimit = 4_096

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
        let all = try TextCodec.decode(&reader, count: total)
        text = all.arena
        pieceEnds = all.offsets.dropFirst().map(Int.init)
        codes = try CodeCodec.decode(&reader, count: count, limit: size + 1)
        counts = CodeKernels.counts(codes, limit: size + 1)
        for skeleton in 0..<size { try readVariables(of: skeleton, &reader) }
        wholeStart = reader.offset
        try checkPools(at: start)
    }

    private static func readPool(_ reader: inout ByteReader) throws(CorruptionError) -> Pool {
        let distinct = try reader.readCount(limit: ByteFrame.maximumLength)
        if distinct == 0 {
            let occurrences = try reader.readCount(limit: ByteFrame.maximumLength)
            guard occurrences > 0 else { throw CorruptionError("empty pool", offset: reader.offset) }
            return Pool(distinct: 0, values: try readRange(&reader), occurrences: occurrences, codes: 0..<0)
        }
        let values = try readRange(&reader)
        let occurrences = try reader.readCount(limit: ByteFrame.maximumLength)
        guard occurrences >= distinct else {
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
        var pooled: [(variable: Int, pool: Int)] = []
        for _ in 1..<max(1, firstPieces[skeleton + 1] - firstPieces[skeleton]) {
            guard counts[skeleton + 1] > 0 else {
                throw CorruptionError("skeleton without rows", offset: reader.offset)
            }
            let range = try Self.readRange(&reader)
            var variable = ByteReader(reader.bytes, at: range.lowerBound)
            switch range.isEmpty ? nil : ColumnEncoding(rawValue: try variable.readUInt8()) {
            case .pooled:
                let pool = try variable.readCount(limit: pools.count)
                guard pool < pools.count, variable.offset == range.upperBound else {
                    throw CorruptionError("variable of no pool", offset: range.lowerBound)
                }
                own.append(.pooled(pool))
                pooled.append((own.count - 1, pool))
            case .same:
                let earlier = try variable.readCount(limit: own.count)
                guard earlier < own.count, variable.offset == range.upperBound else {
                    throw CorruptionError("variable equal to none", offset: range.lowerBound)
                }
                if case .same(let first) = own[earlier] { own.append(.same(first)) } else { own.append(.same(earlier)) }
            case .told:
                let other = try variable.readCount(limit: BlockHeader.maximumColumns)
                guard variable.offset == range.upperBound else {
                    throw CorruptionError("variable of no column", offset: range.lowerBound)
                }
                own.append(.told(other))
            default: own.append(.own(range))
            }
        }
        variables.append(own)
        pooledVariables.append(pooled)
    }

    /// How many occurrences of a pool each row of a code has.
    func widths(of pool: Int) -> [Int] { [0] + pooledVariables.map { own in own.count { $0.pool == pool } } }

    private func checkPools(at offset: Int) throws(CorruptionError) {
        var occurrences = [Int](repeating: 0, count: pools.count)
        for (skeleton, own) in pooledVariables.enumerated() {
            for entry in own { occurrences[entry.pool] += counts[skeleton + 1] }
        }
        for (pool, entry) in pools.enumerated() where occurrences[pool] != entry.occurrences {
            throw CorruptionError("pool of \(entry.occurrences) occurrences, not \(occurrences[pool])", offset: offset)
        }
    }

    // MARK: Reading pools

    /// A pool decoded whole: the values of its occurrences, and for each variable that draws on it the occurrence of
    /// each row of its skeleton.
    struct PoolContents: Sendable {
        var values: ColumnVector
        /// By skeleton and variable.
        var occurrences: [[Int: [UInt32]]]

        /// The values of one variable, one a row of its skeleton. O(rows + bytes).
        func values(of variable: Int, in skeleton: Int) -> ColumnVector {
            let rows = occurrences[skeleton][variable] ?? []
            switch values {
            case .constant: return values
            case .dictionary(let codes, let distinct):
                return .dictionary(codes: CodeKernels.take(codes, rows), values: distinct)
            case .integers(let numbers): return .integers(CodeKernels.take(numbers, rows))
            case .strings: return .strings(RowGather.gather(values, rows.map(Int.init)))
            }
        }
    }

    /// `bytes` is the span that the layout was read from. O(rows + bytes of the pool).
    func contents(
        of pool: Int, in bytes: RawSpan, times: RowTimes?
    ) throws(CorruptionError) -> PoolContents {
        let members = [[]] + pooledVariables.map { own in own.filter { $0.pool == pool }.map(\.variable) }
        var columns = members.enumerated().map { code, members in
            members.map { _ in
                var column: [UInt32] = []
                column.reserveCapacity(counts[code])
                return column
            }
        }
        var next: UInt32 = 0
        for code in codes {
            let code = Int(code)
            for member in members[code].indices {
                columns[code][member].append(next)
                next += 1
            }
        }
        let occurrences = variables.indices.map { skeleton in
            Dictionary(uniqueKeysWithValues: zip(members[skeleton + 1], columns[skeleton + 1]))
        }
        return PoolContents(values: try values(of: pool, in: bytes, times: times), occurrences: occurrences)
    }

    /// The values of all occurrences of a pool. O(bytes of the pool).
    func values(
        of pool: Int, in bytes: RawSpan, times: RowTimes?
    ) throws(CorruptionError) -> ColumnVector {
        let entry = pools[pool]
        var reader = ByteReader(bytes, at: entry.values.lowerBound)
        guard entry.distinct > 0 else {
            guard let clock = try ClockCodec.readLayout(&reader) else {
                return try ColumnDecoder.decode(&reader, count: entry.occurrences, depth: 1)
            }
            var rows: [Int] = []
            for (row, code) in codes.enumerated() where code > 0 {
                for own in pooledVariables[Int(code) - 1] where own.pool == pool { rows.append(row) }
            }
            return .strings(clock.texts(try self.times(times, of: rows)))
        }
        let values = try ColumnDecoder.decode(&reader, count: entry.distinct, depth: 1).texts(count: entry.distinct)
        reader = ByteReader(bytes, at: entry.codes.lowerBound)
        let codes = try CodeCodec.decode(&reader, count: entry.occurrences, limit: entry.distinct)
        return .dictionary(codes: codes, values: values)
    }

    /// What a pool tells of its rows' times; nil for one that keeps values.
    func clock(of pool: Int, in bytes: RawSpan) throws(CorruptionError) -> ClockCodec.Layout? {
        guard pools[pool].distinct == 0 else { return nil }
        var reader = ByteReader(bytes, at: pools[pool].values.lowerBound)
        return try ClockCodec.readLayout(&reader)
    }

    /// The times of some rows, each as often as it is named, ascending.
    func times(_ times: RowTimes?, of rows: [Int]) throws(CorruptionError) -> [Int64] {
        guard let times else { throw CorruptionError("times of no rows", offset: 0) }
        if rows.count * 16 < codes.count { return try times.some(rows) }
        let all = try times.all()
        return rows.map { all[$0] }
    }

    /// The rows of a skeleton. O(rows).
    func rows(of skeleton: Int) -> [Int] { codes.indices.filter { Int(codes[$0]) == skeleton + 1 } }

    /// What another column says in the rows of a skeleton; `known` are the columns that were read before. O(rows), and
    /// O(bytes of the column) when it is met first.
    func told(
        _ position: Int, of skeleton: Int, _ times: RowTimes?, _ known: inout [Int: ColumnVector]
    ) throws(CorruptionError) -> ColumnVector {
        guard let times else { throw CorruptionError("columns of no rows", offset: 0) }
        let column: ColumnVector
        if let other = known[position] { column = other } else { column = try times.column(position) }
        known[position] = column
        return .strings(RowGather.gather(column, rows(of: skeleton)))
    }

    /// The values at some occurrences (ascending) of a pool; `rows` of each where it tells times. O(occurrences / 8 +
    /// bytes of compressed codes).
    func values(
        of pool: Int, at occurrences: [Int], in bytes: RawSpan, rows: [Int], times: RowTimes?
    ) throws(CorruptionError) -> StringColumn {
        let entry = pools[pool]
        guard entry.distinct > 0 else {
            var reader = ByteReader(bytes, at: entry.values.lowerBound)
            if let clock = try ClockCodec.readLayout(&reader) { return clock.texts(try self.times(times, of: rows)) }
            return try RowGather.texts(&reader, count: entry.occurrences, rows: occurrences, depth: 1)
        }
        var reader = ByteReader(bytes, at: entry.codes.lowerBound)
        let codes = try CodeCodec.decode(
            &reader, count: entry.occurrences, limit: entry.distinct, rows: occurrences)
        reader = ByteReader(bytes, at: entry.values.lowerBound)
        return try RowGather.values(&reader, size: entry.distinct, codes: codes, depth: 1)
    }
}
