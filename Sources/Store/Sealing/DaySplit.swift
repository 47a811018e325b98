import Records
import Segments

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

/// The memory table sorted into the segments that it will become: one for each tenant and UTC day, or for some
/// neighbouring days with few rows.
struct DaySplit {
    /// Blocks that may hold rows of the days; a block across a border is in two parts.
    struct Part {
        var tenant: Tenant
        /// Days since 1970-01-01.
        var days: ClosedRange<Int>
        var blocks: [any ColumnBlock]

        /// The nanoseconds of the days.
        var range: ClosedRange<Int64> {
            UTCDay.range(of: days.lowerBound).lowerBound...UTCDay.range(of: days.upperBound).upperBound
        }
    }

    /// The blocks of one day, by their positions, and the bytes that its rows take of them.
    private struct Day {
        var blocks: [Int] = []
        var bytes = 0
    }

    /// Of rows that are left of a block of which some are hidden.
    private static let estimatedRowBytes = 64

    /// In the order of tenants and days.
    let parts: [Part]

    /// O(blocks), and the rows of blocks that span days.
    init(_ memory: [Tenant: [any ColumnBlock]], sharing: DaySharing) throws {
        var parts: [Part] = []
        for (tenant, blocks) in memory.sorted(by: { $0.key < $1.key }) {
            var days: [Int: Day] = [:]
            for (position, block) in blocks.enumerated() {
                let bytes = (block as? EncodedBlock)?.byteCount ?? block.rowCount * Self.estimatedRowBytes
                for (day, rows) in try Self.days(block) {
                    days[day, default: Day()].blocks.append(position)
                    days[day]!.bytes += bytes * rows / max(1, block.rowCount)
                }
            }
            let sorted = days.sorted { $0.key < $1.key }
            for run in sharing.runs(sorted.map { ($0.key...$0.key, $0.value.bytes) }) {
                let positions = Set(sorted[run].flatMap(\.value.blocks)).sorted()
                parts.append(
                    Part(
                        tenant: tenant, days: sorted[run.lowerBound].key...sorted[run.upperBound - 1].key,
                        blocks: positions.map { blocks[$0] }))
            }
        }
        self.parts = parts
    }

    /// The days that a block's rows fall on, and how many do; of two days, that is not counted.
    private static func days(_ block: any ColumnBlock) throws -> [Int: Int] {
        let range = block.timeRange
        let first = UTCDay.day(of: range.lowerBound)
        let last = UTCDay.day(of: range.upperBound)
        if last - first <= 1 {
            return Dictionary([(first, block.rowCount), (last, block.rowCount)]) { rows, _ in rows }
        }
        return try block.times().reduce(into: [:]) { $0[UTCDay.day(of: $1), default: 0] += 1 }
    }
}
