import Statistics

/// Which fields' values, forms of messages and pairs of them make up another share of the records than before.
struct ShareChanges {
    struct Found {
        /// One code of an item, or two.
        var items: [Int]
        var before: Double
        var after: Double
        var gSquared: Double
    }

    private(set) var found: [Found] = []
    private(set) var totals = (before: 0.0, after: 0.0)

    /// Share of false discoveries among those kept.
    private static let level = 0.01
    /// Changes smaller than this are of no interest however certain.
    private static let leastRatio = 1.25
    private static let kept = 10

    /// O(cells), and once more a kept change.
    init(_ rows: WindowRows) {
        let counts = count(rows, all: nil)
        for row in rows.rows { if row.isAfter { totals.after += 1 } else { totals.before += 1 } }
        guard totals.before > 0, totals.after > 0 else { return }
        let singles = ranked(counts, within: totals, rows)
        for single in singles.prefix(3 * Self.kept) where found.count < Self.kept {
            guard !isKnown(single) else { continue }
            found.append(refined(single, rows))
        }
        found.sort { $0.gSquared > $1.gSquared }
    }

    private typealias Counts = (before: [Double], after: [Double])

    /// Rows a coded item, of those that have item `all`.
    private func count(_ rows: WindowRows, all: Int?) -> Counts {
        var counts: Counts = ([Double](repeating: 0, count: rows.codeCount), [])
        counts.after = counts.before
        for row in rows.rows.indices {
            let codes = rows.codes(row)
            if let all, !codes.contains(all) { continue }
            for code in codes {
                if rows.rows[row].isAfter { counts.after[code] += 1 } else { counts.before[code] += 1 }
            }
        }
        return counts
    }

    private func ranked(_ counts: Counts, within totals: (before: Double, after: Double), _ rows: WindowRows) -> [Found]
    {
        var all: [Found] = []
        for code in counts.before.indices where counts.before[code] + counts.after[code] >= 5 && rows.isOpen(code) {
            let statistic = LikelihoodRatio.gSquared(
                hitsBefore: counts.before[code], totalBefore: totals.before, hitsAfter: counts.after[code],
                totalAfter: totals.after)
            all.append(
                Found(items: [code], before: counts.before[code], after: counts.after[code], gSquared: statistic))
        }
        let accepted = FalseDiscovery.reject(
            pValues: all.map { LikelihoodRatio.probability(ofGSquared: $0.gSquared) }, level: Self.level)
        return accepted.map { all[$0] }.filter { one in
            let before = (one.before + 0.5) / totals.before
            let after = (one.after + 0.5) / totals.after
            return max(before, after) >= Self.leastRatio * min(before, after)
        }.sorted { $0.gSquared > $1.gSquared }
    }

    /// Whether the same rows, under another name, are known already.
    private func isKnown(_ one: Found) -> Bool {
        found.contains { known in
            known.items.contains(one.items[0])
                || abs(known.before - one.before) + abs(known.after - one.after)
                    <= 0.02 * (one.before + one.after)
        }
    }

    /// With the second field that makes the change stand out most, where one does.
    private func refined(_ single: Found, _ rows: WindowRows) -> Found {
        let counts = count(rows, all: single.items[0])
        var best = single
        for code in counts.before.indices where code != single.items[0] && rows.isOpen(code) {
            guard counts.before[code] + counts.after[code] >= 5, !rows.areOfOneField(code, single.items[0]) else {
                continue
            }
            let statistic = LikelihoodRatio.gSquared(
                hitsBefore: counts.before[code], totalBefore: totals.before, hitsAfter: counts.after[code],
                totalAfter: totals.after)
            guard statistic > max(best.gSquared, 1.05 * single.gSquared) else { continue }
            best = Found(
                items: [single.items[0], code], before: counts.before[code], after: counts.after[code],
                gSquared: statistic)
        }
        return best
    }
}
