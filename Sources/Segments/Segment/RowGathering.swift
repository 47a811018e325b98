import Bytes
import Records

/// Puts the rows of one block together from lanes of several cursors. A column whose sources all know their distinct
/// values stays a column of codes: only the distinct values are compared, never the rows.
struct RowGathering {
    let cursors: [RowMerge.Cursor]
    /// Rows of each cursor that are wanted, as a range that holds all of them.
    private(set) var ranges: [Range<Int>] = []
    /// For each row of the block, its place in the ranges of all cursors laid one behind the other.
    let places: [UInt32]
    /// The reverse of `places`: the row of the block for each place, `FixedKernels.none` for those of other blocks.
    private(set) lazy var targets: [UInt32] = Self.targets(places, count: ranges.reduce(0) { $0 + $1.count })
    /// Where the range of each cursor begins among the places.
    private(set) lazy var starts: [Int] = Self.starts(ranges)
    var output: BlockRows
    /// Whether texts that sources hold apart may stay apart.
    private let keepsParts: Bool

    /// All rows of the cursors, one cursor behind the other, texts put together.
    init(joining cursors: [RowMerge.Cursor]) {
        self.cursors = cursors
        ranges = cursors.map { 0..<$0.rowCount }
        let times = cursors.flatMap(\.times)
        places = Array(0..<UInt32(times.count))
        output = BlockRows(times: times)
        keepsParts = false
    }

    /// `order` says where each row of the block stands among the times of the lanes.
    init(_ lanes: [RowMerge.Lane], times: [Int64], order: [UInt32]) {
        let taking = lanes.filter { $0.next > $0.start }
        cursors = taking.map(\.cursor)
        var placeOfTime = [UInt32](repeating: 0, count: times.count)
        var start: UInt32 = 0
        for lane in taking {
            let rows = lane.cursor.rows[lane.taken]
            let low = rows.reduce(.max, min)
            let high = rows.reduce(0, max)
            ranges.append(Int(low)..<(Int(high) + 1))
            var next = lane.start
            for row in rows {
                placeOfTime[next] = row - low + start
                next += 1
            }
            start += high - low + 1
        }
        places = CodeKernels.take(placeOfTime, order)
        output = BlockRows(times: CodeKernels.take(times, order))
        keepsParts = true
    }

    private static func targets(_ places: [UInt32], count: Int) -> [UInt32] {
        var targets = [UInt32](repeating: FixedKernels.none, count: count)
        for (row, place) in places.enumerated() { targets[Int(place)] = UInt32(row) }
        return targets
    }

    private static func starts(_ ranges: [Range<Int>]) -> [Int] {
        var next = 0
        return ranges.map { range in
            defer { next += range.count }
            return next
        }
    }

    /// Throws `CorruptionError` from a block. O(rows of the ranges × columns + bytes).
    consuming func gather() throws -> BlockRows {
        let identifiers = Set(cursors.flatMap(\.identifiers))
        let columns = Self.columns(of: cursors)
        let isWide = BlockRows.isWide(columns: columns.count, rows: places.count)
        for (name, owners) in columns {
            let sources = try owners.map { try cursors[$0.cursor].source($0.place) }
            var column = BlockRows.Column(name: name, values: values(name, owners, sources, isWide: isWide))
            column.isIdentifier = identifiers.contains(name)
            output.columns.append(column)
        }
        precondition(output.arena.count <= UInt32.max, "blocks of over 4 GiB overlap in time")
        return output
    }

    /// Where a cursor has a column.
    typealias Owner = (cursor: Int, place: Int)

    /// The sources of a column put together. Where few of the cursors have it, or few of the rows of many columns, that
    /// costs time and memory for the values that there are, not for the rows.
    private mutating func values(
        _ name: ByteString, _ owners: [Owner], _ sources: [ColumnSource], isWide: Bool
    ) -> BlockRows.Values {
        let isSparse = sources.contains { if case .sparse = $0 { true } else { false } }
        if owners.count * 2 < cursors.count || (isWide && isSparse) { return sparse(owners, sources) }
        var all = [ColumnSource](repeating: .missing, count: cursors.count)
        for (owner, source) in zip(owners, sources) { all[owner.cursor] = source }
        let values = typed(all, name) ?? (keepsParts ? split(all) : nil) ?? texts(all)
        return isWide ? values.thinned() : values
    }

    /// The columns of some cursors and which of these have each, in the order of the columns' first appearance.
    static func columns(of cursors: [RowMerge.Cursor]) -> [(name: ByteString, owners: [Owner])] {
        var found: [(name: ByteString, owners: [Owner])] = []
        var positions: [ByteString: Int] = [:]
        for (index, cursor) in cursors.enumerated() {
            // Most cursors have the columns of the one before, in its order: then no name is looked up.
            var expected = 0
            for (place, name) in cursor.names.enumerated() {
                let isExpected = expected < found.count && found[expected].name == name
                let known = isExpected ? expected : positions[name]
                let position = known ?? found.count
                if known == nil {
                    positions[name] = position
                    found.append((name, []))
                }
                found[position].owners.append((index, place))
                expected = position + 1
            }
        }
        return found
    }

    /// Nil where the sources are not all of one form, or whoever looks for the values wants texts.
    private mutating func typed(_ sources: [ColumnSource], _ name: ByteString) -> BlockRows.Values? {
        guard let gathering = TypedGathering(sources, ranges) else { return nil }
        let column = gathering.column(places)
        if case .numbers = column.values, IdentifierField.isNamedLikeOne(name) { return nil }
        return column.settled(in: &output.arena)
    }

    private mutating func texts(_ sources: [ColumnSource]) -> BlockRows.Values {
        let vectors = zip(sources, cursors).map { source, cursor in source.vector(rows: cursor.rowCount) }
        return coded(vectors) ?? .slices(slices(vectors))
    }

    // MARK: Codes

    /// Nil where a source does not know its distinct values.
    private mutating func coded(_ vectors: [ColumnVector]) -> BlockRows.Values? {
        let known = vectors.allSatisfy { vector in
            switch vector {
            case .constant, .dictionary: true
            case .integers, .strings: false
            }
        }
        guard known else { return nil }
        var values: [RecordBatch.Slice] = []
        var starts: [Int] = []
        for vector in vectors {
            starts.append(values.count)
            switch vector {
            case .constant(let value): values.append(place(value.bytes.rawSpan))
            case .dictionary(_, let distinct): append(distinct, 0..<distinct.count, to: &values)
            case .integers, .strings: break
            }
        }
        let union = CodeKernels.union(values.rawSpan, output.arena.rawSpan)
        var all: [UInt32] = []
        all.reserveCapacity(ranges.reduce(0) { $0 + $1.count })
        for (index, vector) in vectors.enumerated() {
            let start = UInt32(starts[index])
            if case .dictionary(let codes, _) = vector {
                CodeKernels.append(codes, ranges[index], plus: start, to: &all)
            } else {
                all.append(contentsOf: repeatElement(start, count: ranges[index].count))
            }
        }
        let gathered = CodeKernels.gatherRenumbered(all, places, union.codes, limit: union.firsts.count)
        let distinct = gathered.order.map { values[Int(union.firsts[Int($0)])] }
        return .coded(DictionaryBuilder(values: distinct, codes: gathered.codes, counts: gathered.counts))
    }

    // MARK: Slices

    private mutating func slices(_ vectors: [ColumnVector]) -> [RecordBatch.Slice] {
        var all: [RecordBatch.Slice] = []
        all.reserveCapacity(ranges.reduce(0) { $0 + $1.count })
        for (index, vector) in vectors.enumerated() { append(vector, ranges[index], to: &all) }
        return CodeKernels.take(all, places)
    }

    /// Where the values of some rows stand in the arena, once they are appended to it. O(rows + bytes), O(distinct
    /// values) where they are known.
    mutating func append(_ vector: ColumnVector, _ range: Range<Int>, to all: inout [RecordBatch.Slice]) {
        switch vector {
        case .constant(let value):
            all.append(contentsOf: repeatElement(place(value.bytes.rawSpan), count: range.count))
        case .dictionary(let codes, let distinct):
            var values: [RecordBatch.Slice] = []
            append(distinct, 0..<distinct.count, to: &values)
            all.append(contentsOf: CodeKernels.take(values, Array(codes[range])))
        case .integers(let numbers):
            for number in numbers[range] {
                let start = output.arena.count
                DecimalText.append(number, to: &output.arena)
                all.append(.init(offset: UInt32(start), length: UInt32(output.arena.count - start)))
            }
        case .strings(let values): append(values, range, to: &all)
        }
    }

    private mutating func place(_ value: RawSpan) -> RecordBatch.Slice {
        if value.byteCount == 0 { return .missing }
        let start = UInt32(output.arena.count)
        output.arena.append(copying: value)
        return .init(offset: start, length: UInt32(value.byteCount))
    }

    private mutating func append(_ values: StringColumn, _ range: Range<Int>, to slices: inout [RecordBatch.Slice]) {
        guard !range.isEmpty else { return }
        let offsets = values.offsets
        let first = offsets[range.lowerBound]
        let bytes = Int(offsets[range.upperBound] - first)
        precondition(output.arena.count + bytes <= UInt32.max, "blocks of over 4 GiB overlap in time")
        let base = UInt32(output.arena.count) &- first
        output.arena.append(copying: values.arena.rawSpan.slice(Int(first), bytes))
        for row in range {
            slices.append(.init(offset: base &+ offsets[row], length: offsets[row + 1] - offsets[row]))
        }
    }
}
