import Bytes
import Records

extension RowGather {
    /// Some rows of a column of templates: reads only the variables of the templates that occur among them.
    static func templateTexts(
        _ reader: inout ByteReader, count: Int, rows: [Int], depth: Int
    ) throws(CorruptionError) -> StringColumn {
        let layout = try TemplateLayout(&reader, count: count)
        let places = places(of: rows, layout)
        var columns: [[StringColumn]] = [[]]
        for (skeleton, variables) in layout.variables.enumerated() {
            var own: [StringColumn] = []
            let ranks = places.ranks[skeleton + 1]
            for variable in variables where !ranks.isEmpty {
                guard case .own(let range) = variable else {
                    own.append(StringColumn())
                    continue
                }
                var values = ByteReader(reader.bytes, at: range.lowerBound)
                own.append(
                    try texts(&values, count: layout.counts[skeleton + 1], rows: ranks, depth: depth + 1))
            }
            columns.append(own)
        }
        if !places.ranks[0].isEmpty {
            columns[0] = [try texts(&reader, count: layout.counts[0], rows: places.ranks[0], depth: depth + 1)]
        }
        for pool in layout.pools.indices where !places.occurrences[pool].isEmpty {
            let values = try layout.values(of: pool, at: places.occurrences[pool], in: reader.bytes)
            var next = 0
            for row in rows where layout.codes[row] > 0 {
                let skeleton = Int(layout.codes[row]) - 1
                for variable in layout.members(of: pool, in: skeleton) {
                    columns[skeleton + 1][variable].append(values[next])
                    next += 1
                }
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
        let widths = layout.pools.indices.map { layout.widths(of: $0) }
        var seen = [Int](repeating: 0, count: layout.counts.count)
        var next = 0
        for row in rows {
            while next < row {
                seen[Int(layout.codes[next])] += 1
                next += 1
            }
            let code = Int(layout.codes[row])
            places.ranks[code].append(seen[code])
            for pool in widths.indices where widths[pool][code] > 0 {
                let before = zip(widths[pool], seen).reduce(0) { $0 + $1.0 * $1.1 }
                places.occurrences[pool] += before..<(before + widths[pool][code])
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
