import Bytes
import Statistics

/// A form of messages of one service that came more or less often than before.
struct LogChange {
    var service: UInt16
    var form: UInt32
    var before = 0.0
    var after = 0.0
    /// What `after` would be if nothing had changed.
    var expected = 0.0
    /// ln of the likelihood ratio, less what bursts alone explain.
    var evidence = 0.0
    var isError = false
    /// Share of the window's messages that came in requests that failed elsewhere first.
    var symptomatic = 0.0

    var isMore: Bool { after > expected }
}

extension LogChange {
    private static let parts = 20

    private struct Key: Hashable {
        var service: UInt16
        var form: UInt32
    }

    private struct Count {
        var parts = [Double](repeating: 0, count: LogChange.parts)
        var errors = 0.0
        var traced = 0.0
        var symptomatic = 0.0
    }

    /// All forms of all services whose rate differs. `origins`: services in which requests failed first, by trace.
    /// O(rows).
    static func changes(in rows: WindowRows, _ forest: SpanForest, origins: [UInt64: Set<UInt16>]) -> [LogChange] {
        var counts: [Key: Count] = [:]
        var exposures = [UInt16: (before: Double, after: Double)]()
        var all = (before: 0.0, after: 0.0)
        for span in forest.spans {
            if span.isAfter {
                exposures[span.service, default: (0, 0)].after += 1
            } else {
                exposures[span.service, default: (0, 0)].before += 1
            }
            if span.isAfter { all.after += 1 } else { all.before += 1 }
        }
        if forest.spans.isEmpty {
            for row in rows.rows where !row.isError { if row.isAfter { all.after += 1 } else { all.before += 1 } }
        }
        for row in rows.rows where row.form != 0 && row.service != 0 {
            let range = row.isAfter ? rows.window : rows.baseline
            let half = parts / 2
            let place = min(half - 1, Int(Double(row.time - range.lowerBound) / Double(range.count) * Double(half)))
            let key = Key(service: row.service, form: row.form)
            counts[key, default: Count()].parts[row.isAfter ? half + place : place] += 1
            guard row.isAfter else { continue }
            if row.isError { counts[key]!.errors += 1 }
            guard row.trace != 0, let others = origins[row.trace] else { continue }
            counts[key]!.traced += 1
            if !others.contains(row.service) { counts[key]!.symptomatic += 1 }
        }
        let span = Double(rows.window.count) / Double(max(rows.baseline.count, 1))
        return counts.sorted { ($0.key.service, $0.key.form) < ($1.key.service, $1.key.form) }.compactMap {
            key, count in
            let own = exposures[key.service] ?? (0, 0)
            let exposure =
                own.before >= 50 && own.after >= 10
                ? own.after / own.before : all.before > 0 && all.after > 0 ? all.after / all.before : span
            return change(key, count, exposure: exposure)
        }
    }

    private static func change(_ key: Key, _ count: Count, exposure: Double) -> LogChange? {
        var change = LogChange(service: key.service, form: key.form)
        let half = parts / 2
        change.before = count.parts[..<half].reduce(0, +)
        change.after = count.parts[half...].reduce(0, +)
        let all = change.before + change.after
        guard all >= 4 else { return nil }
        change.expected = (change.before + 0.3) * exposure
        let share = exposure * (change.before + 0.3) / ((change.before + 0.3) * (1 + exposure))
        change.evidence = CallCell.binomial(hits: change.after, of: all, usual: share)
        // Messages that come in bursts differ between any two windows.
        func dispersion(_ slice: ArraySlice<Double>) -> Double {
            let mean = slice.reduce(0, +) / Double(slice.count)
            guard mean > 0 else { return 1 }
            return slice.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(slice.count - 1) / mean
        }
        let bursts = max(
            1, change.before >= 10 ? dispersion(count.parts[..<half]) : 1,
            change.isMoreThanTwice ? 1 : dispersion(count.parts[half...]))
        change.evidence = change.evidence / bursts - 2
        guard change.evidence > 0 else { return nil }
        change.isError = count.errors > 0.5 * change.after
        change.symptomatic = count.symptomatic / max(change.after, 1)
        return change
    }

    private var isMoreThanTwice: Bool { after > 2 * expected }
}
