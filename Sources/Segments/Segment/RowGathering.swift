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

    /// Throws `CorruptionError` from a block. O(rows of the ranges × columns + bytes).
    consuming func gather() throws -> BlockRows {
        let identifiers = Set(cursors.flatMap(\.identifiers))
        let columns = columns()
        let isWide = BlockRows.isWide(columns: columns.count, rows: places.count)
        for (name, own) in columns {
            let sources = try zip(cursors, own).map { try $1 < 0 ? .missing : $0.source($1) }
            let values = typed(sources, name) ?? (keepsParts ? split(sources) : nil) ?? texts(sources)
            var column = BlockRows.Column(name: name, values: isWide ? values.thinned() : values)
            column.isIdentifier = identifiers.contains(name)
            output.columns.append(column)
        }
        precondition(output.arena.count <= UInt32.max, "blocks of over 4 GiB overlap in time")
        return output
    }

    /// Where each cursor has a column, −1 for those without it, in the order of the columns' first appearance.
    private func columns() -> [(name: ByteString, own: [Int])] {
        var found: [(name: ByteString, own: [Int])] = []
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
                    found.append((name, [Int](repeating: -1, count: cursors.count)))
                }
                found[position].own[index] = place
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
        for (index, vector) in vectors.enumerated() {
            let range = ranges[index]
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
        return CodeKernels.take(all, places)
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
