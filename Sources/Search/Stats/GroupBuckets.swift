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
        if key.field == StandardFields.time, let times = try chunk.times() {
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
        case .step(let step, let offset):
            return fixed(time, step: Int64(clamping: step.value), offset: Int64(clamping: offset?.value ?? 0))
        case .calendar(let unit, let offset):
            let shift = Int64(clamping: offset?.value ?? 0)
            // The epoch was a Thursday, and weeks begin on Monday.
            let monday = unit == .week ? 4 * Timestamp.nanosecondsPerDay : 0
            if let step = unit.nanoseconds { return fixed(time, step: step, offset: shift &+ monday) }
            return calendar(time, unit, offset: shift)
        case .ipv4: return (time, time &+ 1)
        }
    }

    private static func fixed(_ time: Int64, step: Int64, offset: Int64) -> (Int64, Int64) {
        guard step > 0 else { return (time, time &+ 1) }
        let local = time &- offset
        var rest = local % step
        if rest < 0 { rest += step }
        let start = local &- rest &+ offset
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

    /// A value that is no time, rounded down; one that is no number stays as it is.
    static func text(_ value: ByteString, _ bucket: StatsBucket) -> ByteString {
        if case .ipv4(let bits) = bucket {
            guard let address = NumberParser.ipv4(value.bytes.rawSpan) else { return value }
            var text: [UInt8] = []
            let mask: UInt32 = bits == 0 ? 0 : UInt32.max << UInt32(32 - min(bits, 32))
            NumberText.appendIPv4(address & mask, to: &text)
            return ByteString(text)
        }
        if let time = NumberParser.time(value.bytes.rawSpan) { return NumberText.time(range(of: time, bucket).start) }
        guard case .step(let step, let offset) = bucket, step.value > 0 else { return value }
        let shift = offset?.value ?? 0
        if let number = NumberParser.plain(value.bytes.rawSpan) {
            return NumberText.text(floor(number, step: step.value, offset: shift))
        }
        if let address = NumberParser.ipv4(value.bytes.rawSpan) {
            var text: [UInt8] = []
            NumberText.appendIPv4(
                UInt32(min(max(floor(Double(address), step: step.value, offset: shift), 0), 4_294_967_295)), to: &text)
            return ByteString(text)
        }
        if let nanoseconds = NumberParser.duration(value.bytes.rawSpan) {
            var text: [UInt8] = []
            NumberText.appendDuration(
                Int64(clamping: floor(Double(nanoseconds), step: step.value, offset: shift)), to: &text)
            return ByteString(text)
        }
        if let size = NumberParser.size(value.bytes.rawSpan) {
            return NumberText.text(floor(size, step: step.value, offset: shift))
        }
        return value
    }

    /// Steps with a decimal fraction give decimal fractions: 0.3 and not 0.30000000000000004.
    private static func floor(_ value: Double, step: Double, offset: Double) -> Double {
        let steps = ((value - offset) / step).rounded(.down)
        let rounded = steps * step + offset
        guard step != step.rounded(.down) else { return rounded }
        var scale = 1.0
        while scale < 1e12, (step * scale).rounded() / scale != step { scale *= 10 }
        return (rounded * scale).rounded() / scale
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
