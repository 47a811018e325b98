import Bytes
import Statistics

/// For every service and number: by how much it changed, and in which values of its records' fields the change is
/// concentrated. The share of errors counts as a number.
struct Concentrations {
    /// A number of a service, and the items among whose records it changed most.
    struct Found {
        var service: UInt16
        /// Position among the measures; −1 for the share of errors.
        var measure: Int
        var isDuration: Bool
        /// Codes of items, none to two.
        var items: [Int] = []
        var before: Double
        var after: Double
        var records: Double
        /// Squared standard errors of the change, by itself and against the service's other records.
        var statistic: Double
    }

    private(set) var found: [Found] = []

    /// Sums of a number over the records of both windows.
    private struct Sum {
        var count = 0.0
        var sum = 0.0
        var squares = 0.0

        mutating func add(_ value: Double) {
            count += 1
            sum += value
            squares += value * value
        }

        var mean: Double { sum / max(count, 1) }
        var variance: Double { count > 1 ? max(0, (squares - sum * sum / count) / (count - 1)) : 0 }

        static func - (left: Sum, right: Sum) -> Sum {
            Sum(count: left.count - right.count, sum: left.sum - right.sum, squares: left.squares - right.squares)
        }
    }

    private struct Pair {
        var before = Sum()
        var after = Sum()

        /// Change of the mean and its variance; nil for too few records.
        var change: (mean: Double, variance: Double)? {
            guard before.count >= 20, after.count >= 10 else { return nil }
            // A number that never varies is still not exact.
            let least = 0.01
            let variance =
                max(before.variance, least * least) / before.count + max(after.variance, least * least) / after.count
            return (after.mean - before.mean, variance)
        }

        static func - (left: Pair, right: Pair) -> Pair {
            Pair(before: left.before - right.before, after: left.after - right.after)
        }
    }

    private struct Series: Hashable {
        var service: UInt16
        var measure: Int
    }

    /// O(cells).
    init(_ rows: WindowRows) {
        var members: [Series: [(row: Int, value: Double)]] = [:]
        for index in rows.rows.indices where rows.rows[index].service != 0 {
            let row = rows.rows[index]
            members[Series(service: row.service, measure: -1), default: []].append((index, row.isError ? 1 : 0))
            for place in rows.valueRange(index) {
                let value = rows.values[place]
                members[Series(service: row.service, measure: Int(value.measure)), default: []].append(
                    (index, Double(value.logarithm)))
            }
        }
        let ordered = members.sorted { ($0.key.service, $0.key.measure) < ($1.key.service, $1.key.measure) }
        for (series, values) in ordered where values.count >= 40 {
            if let one = Self.weigh(series, values, rows) { found.append(one) }
        }
        found.sort { $0.statistic > $1.statistic }
    }

    private static func weigh(_ series: Series, _ values: [(row: Int, value: Double)], _ rows: WindowRows) -> Found? {
        var whole = Pair()
        for one in values {
            if rows.rows[one.row].isAfter { whole.after.add(one.value) } else { whole.before.add(one.value) }
        }
        guard let change = whole.change else { return nil }
        var best = Found(
            service: series.service, measure: series.measure,
            isDuration: series.measure >= 0 && FieldRole(name: rows.measures[series.measure]) == .duration,
            before: whole.before.mean, after: whole.after.mean, records: whole.after.count,
            statistic: change.mean * change.mean / change.variance)
        var chosen = values
        var outer = whole
        for _ in 0..<2 {
            guard let next = concentrate(chosen, of: outer, whole, rows, besides: best.items) else { break }
            guard next.contrast >= (best.items.isEmpty ? 25 : 16) else { break }
            best.items.append(next.item)
            chosen = chosen.filter { rows.codes($0.row).contains(next.item) }
            outer = next.pair
            best.before = outer.before.mean
            best.after = outer.after.mean
            best.records = outer.after.count
            best.statistic = max(best.statistic, next.statistic)
        }
        return best
    }

    private typealias Candidate = (item: Int, pair: Pair, statistic: Double, contrast: Double)

    /// The item whose records changed most against the others of the same records. One whose own share changed is what
    /// came with the change and not where it lies, and stands back.
    private static func concentrate(
        _ values: [(row: Int, value: Double)], of outer: Pair, _ whole: Pair, _ rows: WindowRows, besides: [Int]
    ) -> Candidate? {
        var pairs: [Int: Pair] = [:]
        for one in values {
            for code in rows.fieldCodes(one.row) where !besides.contains(where: { rows.areOfOneField($0, code) }) {
                if rows.rows[one.row].isAfter {
                    pairs[code, default: Pair()].after.add(one.value)
                } else {
                    pairs[code, default: Pair()].before.add(one.value)
                }
            }
        }
        var best: Candidate?
        for (code, pair) in pairs.sorted(by: { $0.key < $1.key }) where rows.isOpen(code) {
            guard let inner = pair.change, let rest = (outer - pair).change else { continue }
            let difference = inner.mean - rest.mean
            // Concentrated: here it changed, and at least twice as far as elsewhere.
            guard inner.mean * difference > 0, abs(inner.mean) >= 2 * abs(rest.mean) else { continue }
            let before = pair.before.count / outer.before.count
            let after = pair.after.count / outer.after.count
            guard max(before, after) < 1.6 * min(before, after) + 0.01 else { continue }
            let contrast = difference * difference / (inner.variance + rest.variance)
            let statistic = inner.mean * inner.mean / inner.variance
            if contrast > best?.contrast ?? 0 { best = (code, pair, statistic, contrast) }
        }
        return best
    }

    /// ln of the likelihood ratio by service of its amounts' strongest change; durations are judged by own times.
    var amountMasses: [UInt16: Double] {
        var masses: [UInt16: Double] = [:]
        for one in found
        where one.measure >= 0 && !one.isDuration && one.statistic > 40 && abs(one.after - one.before) > 0.1 {
            let mass = min(one.statistic / 2 - 20, 150)
            masses[one.service] = max(masses[one.service] ?? 0, mass)
        }
        return masses
    }
}
