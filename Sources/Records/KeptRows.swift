import Bytes

/// Some rows of a block as a block of their own, in their order. What headers say of the whole block stays true, if
/// less sharp: the time range and the filters may cover more than the rows that are left.
public struct KeptRows: ColumnBlock {
    private let base: any ColumnBlock
    private let kept: RowPresence
    /// With fewer of the rows than one in this many, only these are read.
    private static let fewOf = 16

    /// `kept` has a bit for each row of the block.
    public init(_ base: any ColumnBlock, _ kept: RowPresence) {
        precondition(kept.rowCount == base.rowCount)
        self.base = base
        self.kept = kept
    }

    public var rowCount: Int { kept.count }
    public var timeRange: ClosedRange<Int64> { base.timeRange }
    public var columnNames: [ByteString] { base.columnNames }
    public var identifierColumns: [ByteString] { base.identifierColumns }

    private var areFew: Bool { kept.count * Self.fewOf < kept.rowCount }

    /// The places in the block of some of the rows here.
    private func places(_ rows: [Int]) -> [Int] {
        let all = kept.rows
        return rows.map { Int(all[$0]) }
    }

    public func times() throws -> [Int64] {
        if areFew { return try base.times(rows: kept.rows.map(Int.init)) }
        let times = try base.times()
        return kept.rows.map { times[Int($0)] }
    }

    public func times(rows: [Int]) throws -> [Int64] { try base.times(rows: places(rows)) }

    public func column(_ name: ByteString) throws -> ColumnVector {
        if kept.count == 0 { return .missing }
        if areFew { return try base.column(name, rows: kept.rows.map(Int.init)) }
        return try base.column(name).taking(kept.rows)
    }

    public func column(_ name: ByteString, rows: [Int]) throws -> ColumnVector {
        try base.column(name, rows: places(rows))
    }

    public func rows(withIdentifier id: ByteString) throws -> [Int]? {
        try base.rows(withIdentifier: id)?.filter(kept.contains).map(kept.rank)
    }

    public func mayContain(word: ByteString, in field: ByteString) -> Bool { base.mayContain(word: word, in: field) }
    public func mayContain(identifier id: ByteString) -> Bool { base.mayContain(identifier: id) }
}

extension ColumnVector {
    /// The values of some rows, in the order given; a dictionary keeps only values that occur. O(rows + bytes).
    func taking(_ rows: [Int32]) -> ColumnVector {
        switch self {
        case .constant: return self
        case .integers(let numbers): return .integers(rows.map { numbers[Int($0)] })
        case .strings(let values):
            var taken = StringColumn()
            taken.reserve(rows: rows.count, bytes: values.arena.count * rows.count / max(1, values.count))
            for row in rows { taken.append(values[Int(row)]) }
            return .strings(taken)
        case .dictionary(let codes, let values):
            var numbers = [UInt32](repeating: .max, count: values.count)
            var used = StringColumn()
            var taken: [UInt32] = []
            taken.reserveCapacity(rows.count)
            for row in rows {
                let code = Int(codes[Int(row)])
                if numbers[code] == .max {
                    numbers[code] = UInt32(used.count)
                    used.append(values[code])
                }
                taken.append(numbers[code])
            }
            return .dictionary(codes: taken, values: used)
        }
    }
}
