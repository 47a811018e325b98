import Bytes
import QueryLanguage
import Records

/// `_time:…`, resolved against the query's now.
struct TimeRowFilter: RowFilter {
    private let filter: TimeFilter
    private let now: Int64
    /// Nothing outside matches; nil if nothing does.
    let range: ClosedRange<Int64>?

    init(_ filter: TimeFilter, now: Int64) {
        self.filter = filter
        self.now = now
        range = filter.range(now: now)
    }

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        guard let range else {
            rows = Bitmap(count: rows.count)
            return
        }
        if let source = chunk.blockSource, source.shape == .records, chunk.isStored(StandardFields.time),
            !filter.isPeriodic
        {
            let held = source.block.timeRange
            if held.lowerBound >= range.lowerBound, held.upperBound <= range.upperBound { return }
            if !held.overlaps(range) {
                rows = Bitmap(count: rows.count)
                return
            }
            return narrow(&rows, times: try source.times(), range)
        }
        if let times = try chunk.ownTimes() { return narrow(&rows, times: times, range) }
        var found = Bitmap(count: rows.count)
        try chunk.column(StandardFields.time).forEach(rows) { row, value in
            if let time = NumberParser.time(value), filter.matches(time, now: now) { found.insert(row) }
        }
        rows = found
    }

    private func narrow(_ rows: inout Bitmap, times: [Int64], _ range: ClosedRange<Int64>) {
        if filter.isPeriodic {
            rows.filter { filter.matches(times[$0], now: now) }
        } else {
            let lower = range.lowerBound
            let upper = range.upperBound
            rows.filter { times[$0] >= lower && times[$0] <= upper }
        }
    }

    func mayMatch(_ block: any ColumnBlock) -> Bool { range.map { block.timeRange.overlaps($0) } ?? false }
}
