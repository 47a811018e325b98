import Records

/// UTC days, in which rows are kept apart so that retention can drop whole segments.
enum UTCDay {
    /// Days since 1970-01-01 of a time in nanoseconds.
    static func day(of time: Int64) -> Int {
        let day = time / Timestamp.nanosecondsPerDay
        return Int(time < 0 && time % Timestamp.nanosecondsPerDay != 0 ? day - 1 : day)
    }

    /// The nanoseconds of a day, as far as `Int64` has them.
    static func range(of day: Int) -> ClosedRange<Int64> {
        let (start, below) = Int64(day).multipliedReportingOverflow(by: Timestamp.nanosecondsPerDay)
        let first = below ? Int64.min : start
        let (end, above) = start.addingReportingOverflow(Timestamp.nanosecondsPerDay - 1)
        return first...(below ? start &+ Timestamp.nanosecondsPerDay - 1 : above ? Int64.max : end)
    }
}

/// The memory table sorted into the segments that it will become: one for each tenant and UTC day.
struct DaySplit {
    /// Blocks that may hold rows of the day; a block across midnight is in two parts.
    struct Part {
        var tenant: Tenant
        /// Days since 1970-01-01.
        var day: Int
        var blocks: [any ColumnBlock]
    }

    /// In the order of tenants and days.
    let parts: [Part]

    /// O(blocks), and the rows of blocks that span days.
    init(_ memory: [Tenant: [any ColumnBlock]]) throws {
        var parts: [Part] = []
        for (tenant, blocks) in memory.sorted(by: { $0.key < $1.key }) {
            var days: [Int: [any ColumnBlock]] = [:]
            for block in blocks {
                for day in try Self.days(block) { days[day, default: []].append(block) }
            }
            parts += days.sorted { $0.key < $1.key }.map { Part(tenant: tenant, day: $0, blocks: $1) }
        }
        self.parts = parts
    }

    /// The days that a block's rows fall on.
    private static func days(_ block: any ColumnBlock) throws -> Set<Int> {
        let range = block.timeRange
        let first = UTCDay.day(of: range.lowerBound)
        let last = UTCDay.day(of: range.upperBound)
        if last - first <= 1 { return [first, last] }
        return Set(try block.times().map(UTCDay.day))
    }
}
