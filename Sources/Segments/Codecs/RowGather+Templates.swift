import Bytes
import Records

extension RowGather {
    /// Some rows of a column of templates: reads only the variables of the templates that occur among them.
    static func templateTexts(
        _ reader: inout ByteReader, count: Int, rows: [Int], depth: Int, times: RowTimes?
    ) throws(CorruptionError) -> StringColumn {
        let layout = try TemplateLayout(&reader, count: count)
        return try templateTexts(&reader, layout, rows: rows, depth: depth, times: times)
    }

    /// The same where the layout is known. The reader is at the texts kept whole.
    static func templateTexts(
        _ reader: inout ByteReader, _ layout: TemplateLayout, rows: [Int], depth: Int, times: RowTimes?
    ) throws(CorruptionError) -> StringColumn {
        let places = places(of: rows, layout)
        var columns: [[StringColumn]] = [[]]
        for (skeleton, variables) in layout.variables.enumerated() {
            var own: [StringColumn] = []
            let ranks = places.ranks[skeleton + 1]
            for variable in variables where !ranks.isEmpty {
                if case .told(let other) = variable {
                    guard let times else { throw CorruptionError("columns of no rows", offset: reader.offset) }
                    // Of all rows: other templates tell it too, and whoever reads the texts reads that column next.
                    let all = try times.texts(other, rows)
                    let places = rows.indices.filter { Int(layout.codes[rows[$0]]) == skeleton + 1 }
                    own.append(gather(.strings(all), places))
                    continue
                }
                guard case .own(let range) = variable else {
                    own.append(StringColumn())
                    continue
                }
                var values = ByteReader(reader.bytes, at: range.lowerBound)
                if let clock = try ClockCodec.readLayout(&values) {
                    let wanted = rows.filter { Int(layout.codes[$0]) == skeleton + 1 }
                    own.append(clock.texts(try layout.times(times, of: wanted)))
                    continue
                }
                own.append(
                    try texts(&values, count: layout.counts[skeleton + 1], rows: ranks, depth: depth + 1))
            }
            columns.append(own)
        }
        if !places.ranks[0].isEmpty {
            columns[0] = [try texts(&reader, count: layout.counts[0], rows: places.ranks[0], depth: depth + 1)]
        }
        for pool in layout.pools.indices where !places.occurrences[pool].isEmpty {
            var wanted: [Int] = []
            if try layout.clock(of: pool, in: reader.bytes) != nil {
                for row in rows where layout.codes[row] > 0 {
                    for entry in layout.pooledVariables[Int(layout.codes[row]) - 1] where entry.pool == pool {
                        wanted.append(row)
                    }
                }
            }
            let values = try layout.values(
                of: pool, at: places.occurrences[pool], in: reader.bytes, rows: wanted, times: times)
            var next = 0
            for row in rows where layout.codes[row] > 0 {
                let skeleton = Int(layout.codes[row]) - 1
                for entry in layout.pooledVariables[skeleton] where entry.pool == pool {
                    columns[skeleton + 1][entry.variable].append(values[next])
                    next += 1
                }
            }
        }
        for (skeleton, variables) in layout.variables.enumerated() where !columns[skeleton + 1].isEmpty {
            for (position, variable) in variables.enumerated() {
                guard case .same(let earlier) = variable else { continue }
                columns[skeleton + 1][position] = columns[skeleton + 1][earlier]
            }
        }
        return put(rows.map { Int(layout.codes[$0]) }, layout, columns)
    }

    /// Where some rows stand among those of their kind, and which occurrences of the pools are theirs.
    private struct Places {
        /// By code.
        var ranks: [[Int]]
        /// By pool, ascending.
        var occurrences: [[Int]]
    }

    private static func places(of rows: [Int], _ layout: TemplateLayout) -> Places {
        var places = Places(
            ranks: [[Int]](repeating: [], count: layout.counts.count),
            occurrences: [[Int]](repeating: [], count: layout.pools.count))
        var widths: [Int: [Int]] = [:]
        var seen = [Int](repeating: 0, count: layout.counts.count)
        var next = 0
        for row in rows {
            while next < row {
                seen[Int(layout.codes[next])] += 1
                next += 1
            }
            let code = Int(layout.codes[row])
            places.ranks[code].append(seen[code])
            guard code > 0 else { continue }
            for pool in Set(layout.pooledVariables[code - 1].map(\.pool)) {
                let own = widths[pool] ?? layout.widths(of: pool)
                widths[pool] = own
                let before = zip(own, seen).reduce(0) { $0 + $1.0 * $1.1 }
                places.occurrences[pool] += before..<(before + own[code])
            }
        }
        return places
    }

    /// Puts the texts together from the values of the wanted rows alone.
    private static func put(_ kinds: [Int], _ layout: TemplateLayout, _ columns: [[StringColumn]]) -> StringColumn {
        var next = [Int](repeating: 0, count: columns.count)
        var pieces: [Int: [ByteString]] = [:]
        var text = TextBuilder(rows: kinds.count, bytes: kinds.count * 64)
        for kind in kinds {
            let place = next[kind]
            next[kind] += 1
            if kind == 0 {
                let whole = columns[0][0]
                text.arena.append(copying: whole[place])
            } else {
                let own = pieces[kind] ?? layout.pieces(of: kind - 1)
                pieces[kind] = own
                text.arena.append(contentsOf: own[0].bytes)
                for position in columns[kind].indices {
                    let variable = columns[kind][position]
                    text.arena.append(copying: variable[place])
                    text.arena.append(contentsOf: own[position + 1].bytes)
                }
            }
            text.endValue()
        }
        return text.column
    }
}
