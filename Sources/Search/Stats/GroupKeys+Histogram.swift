import Bytes
import QueryLanguage
import Records

/// One key of a group as codes.
private struct KeyCodes {
    var codes: NativeCodes
    /// Codes in use.
    var count: Int
    /// Appends the text that a code stands for.
    var append: (Int, inout [UInt8]) -> Void
}

extension GroupKeys {
    /// Places that are counted in one table.
    private static let mostPlaces = 65_536

    /// How many selected rows of the chunk are in each group, in one pass where the keys are codes: for counts alone.
    mutating func histogram(of chunk: Chunk, rows: Bitmap) throws -> [(group: Int, count: Int)] {
        if keys.count == 1, let found = try timeHistogram(chunk, rows) { return found }
        guard !keys.isEmpty, keys.count <= 2, let columns = try keyCodes(chunk) else {
            return try slowHistogram(chunk, rows)
        }
        let width = columns.count == 2 ? columns[1].count : 1
        guard columns[0].count * width <= Self.mostPlaces else { return try slowHistogram(chunk, rows) }
        var counts = [UInt32](repeating: 0, count: columns[0].count * width)
        Self.count(columns, width, rows, into: &counts)
        return groups(of: counts, columns, width, rows, first: UInt64(chunk.sequence) << 32)
    }

    /// Buckets of ascending times: one search a bucket, and no row is looked at.
    private mutating func timeHistogram(_ chunk: Chunk, _ rows: Bitmap) throws -> [(group: Int, count: Int)]? {
        guard let bucket = keys[0].bucket, keys[0].field == StandardFields.time,
            let source = chunk.blockSource, source.shape == .records, chunk.isStored(keys[0].field)
        else { return nil }
        let held = source.block.timeRange
        if held.upperBound < GroupBuckets.range(of: held.lowerBound, bucket).end {
            return [(insert(held.lowerBound, bucket, chunk, row: rows.first(from: 0) ?? 0), rows.setCount)]
        }
        guard let times = try chunk.blockTimes(), times.isAscending else { return nil }
        var groups: [(group: Int, count: Int)] = []
        var row = 0
        while let first = rows.first(from: row) {
            let end = GroupBuckets.range(of: times.values[first], bucket).end
            let next = max(times.firstRow(from: first, notBefore: end), first + 1)
            groups.append((insert(times.values[first], bucket, chunk, row: first), rows.setCount(in: first..<next)))
            row = next
        }
        return groups
    }

    private mutating func insert(_ time: Int64, _ bucket: StatsBucket, _ chunk: Chunk, row: Int) -> Int {
        var text: [UInt8] = []
        Timestamp(nanoseconds: GroupBuckets.range(of: time, bucket).start).appendRFC3339(to: &text)
        var key: [UInt8] = []
        TupleKey.append(text.rawSpan, to: &key)
        return insert(key.rawSpan, firstSeen: UInt64(chunk.sequence) << 32 | UInt64(row))
    }

    private func keyCodes(_ chunk: Chunk) throws -> [KeyCodes]? {
        var columns: [KeyCodes] = []
        for key in keys {
            guard key.bucket == nil else { return nil }
            if case .coded(let codes, let values, let hasMissing)? = try chunk.native(key.field) {
                let count = values.count
                columns.append(
                    KeyCodes(codes: codes, count: count + (hasMissing ? 1 : 0)) { code, text in
                        if code < count { values.append(code, to: &text) }
                    })
            } else if case .dictionary(let codes, let values) = try chunk.column(key.field) {
                columns.append(
                    KeyCodes(codes: .wide(codes), count: values.count) { $1.append(copying: values[$0]) })
            } else {
                return nil
            }
        }
        return columns
    }

    private static func count(_ columns: [KeyCodes], _ width: Int, _ rows: Bitmap, into counts: inout [UInt32]) {
        let isFull = rows.isFull
        if columns.count == 1 {
            switch columns[0].codes {
            case .bytes(let codes):
                if isFull { return ColumnScans.countCodes(codes, into: &counts) }
                rows.visit { counts[Int(codes[$0])] &+= 1 }
            case .words(let codes): rows.visit { counts[Int(codes[$0])] &+= 1 }
            case .wide(let codes): rows.visit { counts[Int(codes[$0])] &+= 1 }
            }
            return
        }
        if isFull, case .bytes(let first) = columns[0].codes, case .bytes(let second) = columns[1].codes {
            return ColumnScans.countPairs(first, second, width: width, into: &counts)
        }
        let first = columns[0].codes
        let second = columns[1].codes
        rows.visit { counts[first[$0] &* width &+ second[$0]] &+= 1 }
    }

    /// The groups of the places that occur. A place whose group was seen in an earlier chunk is done; of the others
    /// the first row is looked for, since it decides their order.
    private mutating func groups(
        of counts: [UInt32], _ columns: [KeyCodes], _ width: Int, _ rows: Bitmap, first: UInt64
    ) -> [(group: Int, count: Int)] {
        var groups: [(group: Int, count: Int)] = []
        var open = Bitmap(count: counts.count)
        var left = 0
        for place in counts.indices where counts[place] > 0 {
            if let known = table.number(of: key(place, columns, width).rawSpan), firstSeen[known] < first {
                groups.append((known, Int(counts[place])))
            } else {
                open.insert(place)
                left += 1
            }
        }
        var row = 0
        while left > 0, let here = rows.first(from: row) {
            row = here + 1
            let code = columns[0].codes[here]
            let place = columns.count == 2 ? code * width + columns[1].codes[here] : code
            guard open.contains(place) else { continue }
            open.remove(place)
            left -= 1
            let group = insert(key(place, columns, width).rawSpan, firstSeen: first | UInt64(here))
            groups.append((group, Int(counts[place])))
        }
        return groups
    }

    private func key(_ place: Int, _ columns: [KeyCodes], _ width: Int) -> [UInt8] {
        var key: [UInt8] = []
        var value: [UInt8] = []
        for (index, column) in columns.enumerated() {
            value.removeAll(keepingCapacity: true)
            column.append(index == 0 ? place / width : place % width, &value)
            TupleKey.append(value.rawSpan, to: &key)
        }
        return key
    }

    private mutating func slowHistogram(_ chunk: Chunk, _ rows: Bitmap) throws -> [(group: Int, count: Int)] {
        let numbers = try numbers(of: chunk, rows: rows)
        guard let perRow = numbers.perRow else { return [(numbers.single, rows.setCount)] }
        var counts = [Int](repeating: 0, count: count)
        rows.visit { counts[Int(perRow[$0])] &+= 1 }
        return counts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
    }

    /// The group of each selected row where the only key is codes; nil where it is not.
    mutating func codedNumbers(of chunk: Chunk, rows: Bitmap) throws -> GroupNumbers? {
        guard keys.count == 1, keys[0].bucket == nil,
            case .coded(let codes, let values, let hasMissing)? = try chunk.native(keys[0].field)
        else { return nil }
        let count = values.count
        let column = KeyCodes(codes: codes, count: count + (hasMissing ? 1 : 0)) { code, text in
            if code < count { values.append(code, to: &text) }
        }
        guard column.count <= rows.count / 4 else { return nil }
        var counts = [UInt32](repeating: 0, count: column.count)
        Self.count([column], 1, rows, into: &counts)
        _ = groups(of: counts, [column], 1, rows, first: UInt64(chunk.sequence) << 32)
        var map = [UInt32](repeating: 0, count: column.count)
        for code in counts.indices where counts[code] > 0 {
            map[code] = UInt32(table.number(of: key(code, [column], 1).rawSpan) ?? 0)
        }
        let perRow =
            switch codes {
            case .bytes(let codes): ColumnScans.mapped(codes, map)
            case .words(let codes): codes.map { map[Int($0)] }
            case .wide(let codes): codes.map { map[Int($0)] }
            }
        return GroupNumbers(perRow: perRow, single: 0)
    }
}
