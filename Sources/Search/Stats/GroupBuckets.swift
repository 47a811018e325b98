import Bytes
import QueryLanguage
import Records

/// Keys of `by (…)` rounded down into their buckets.
enum GroupBuckets {
    static func coded(_ key: StatsGroup, _ chunk: Chunk, rows: Bitmap) throws -> CodedColumn {
        guard let bucket = key.bucket else { return CodedColumn(try chunk.column(key.field), rows: rows) }
        if key.field == StandardFields.time, let source = chunk.blockSource, chunk.isStored(key.field) {
            // A block within one bucket need not be asked for its times.
            let held = source.block.timeRange
            let (start, end) = range(of: held.lowerBound, bucket)
            if source.shape == .records, held.upperBound < end {
                return CodedColumn(codes: nil, values: .times([start]))
            }
        }
        if key.field == StandardFields.time, let times = try chunk.blockTimes(), times.isAscending {
            return coded(times, bucket)
        }
        if key.field == StandardFields.time, let times = try chunk.ownTimes() {
            return codedTimes(times, bucket, rows: rows)
        }
        let coded = CodedColumn(try chunk.column(key.field), rows: rows)
        var texts = StringColumn()
        for code in 0..<coded.count { texts.append(text(coded.value(code), bucket).bytes.rawSpan) }
        return CodedColumn(codes: coded.codes, values: coded.codes == nil ? .one(texts.value(0)) : .texts(texts))
    }

    /// Ascending times: one search a bucket.
    private static func coded(_ times: BlockTimes, _ bucket: StatsBucket) -> CodedColumn {
        var starts: [Int64] = []
        var codes = [UInt32](repeating: 0, count: times.values.count)
        var row = 0
        while row < times.values.count {
            let (start, end) = range(of: times.values[row], bucket)
            let next = max(times.firstRow(from: row, notBefore: end), row + 1)
            let code = UInt32(starts.count)
            if code > 0 { for place in row..<next { codes[place] = code } }
            starts.append(start)
            row = next
        }
        return CodedColumn(codes: starts.count == 1 ? nil : codes, values: .times(starts))
    }

    /// Times in order share their bucket with their neighbour, mostly: the bucket's ends are remembered.
    private static func codedTimes(_ times: [Int64], _ bucket: StatsBucket, rows: Bitmap) -> CodedColumn {
        var starts = [Int64](repeating: 0, count: times.count)
        var start: Int64 = 0
        var end: Int64 = 0
        rows.visit { row in
            let time = times[row]
            if time < start || time >= end { (start, end) = range(of: time, bucket) }
            starts[row] = start
        }
        let (codes, values) = CodedColumn.code(starts, rows: rows)
        if values.count == 1 { return CodedColumn(codes: nil, values: .times(values)) }
        return CodedColumn(codes: codes, values: .times(values))
    }

    /// The bucket of a time: first nanosecond, and the one behind its last.
    static func range(of time: Int64, _ bucket: StatsBucket) -> (start: Int64, end: Int64) {
        switch bucket {
        case .step, .ipv4:
            let size = BucketSize(bucket)
            return fixed(time, step: size.wholeStep, offset: size.wholeOffset)
        case .calendar(let unit, let offset):
            let shift = Int64(clamping: offset?.value ?? 0)
            // The epoch was a Thursday, and weeks begin on Monday.
            let monday = unit == .week ? 4 * Timestamp.nanosecondsPerDay : 0
            if let step = unit.nanoseconds { return fixed(time, step: step, offset: shift &+ monday) }
            return calendar(time, unit, offset: shift)
        }
    }

    private static func fixed(_ time: Int64, step: Int64, offset: Int64) -> (Int64, Int64) {
        let start = floored(time, step: step, offset: offset)
        return (start, start &+ step)
    }

    private static func calendar(_ time: Int64, _ unit: CalendarUnit, offset: Int64) -> (Int64, Int64) {
        let day = Timestamp.nanosecondsPerDay
        let local = time &- offset
        let days = local >= 0 ? local / day : (local - (day - 1)) / day
        var date = CivilDate(daysSinceEpoch: days)
        date.day = 1
        if unit == .year { date.month = 1 }
        var next = date
        if unit == .year || date.month == 12 {
            next.year += 1
            next.month = 1
        } else {
            next.month += 1
        }
        return (date.daysSinceEpoch &* day &+ offset, next.daysSinceEpoch &* day &+ offset)
    }
}

extension Int64 {
    /// Rounded towards zero, at the ends of the range where the value is beyond; 0 for NaN.
    init(clamping value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 9.2233720368547748e18 {
            self = .max
        } else {
            self = value <= -9.2233720368547758e18 ? .min : Int64(value)
        }
    }
}
