import Records

/// The memory table sorted into the segments that it will become: one for each tenant and UTC day.
struct DaySplit {
    struct Part {
        var tenant: Tenant
        /// Days since 1970-01-01.
        var day: Int
        var blocks: [any ColumnBlock] = []
        var rows = 0
        var rawBytes = 0
        var timeRange: ClosedRange<Int64>
    }

    /// In the order of tenants and days.
    private(set) var parts: [Part] = []

    static func day(of time: Int64) -> Int {
        let day = time / Timestamp.nanosecondsPerDay
        return Int(time < 0 && time % Timestamp.nanosecondsPerDay != 0 ? day - 1 : day)
    }

    /// Most blocks lie within one day and are taken as they are; the others are decoded and cut. O(blocks), and the rows of
    /// those that are cut.
    init(_ memory: [Tenant: [MemoryBlock]]) throws {
        for (tenant, blocks) in memory.sorted(by: { $0.key < $1.key }) {
            var parts: [Int: Part] = [:]
            for block in blocks {
                let range = block.block.timeRange
                let first = Self.day(of: range.lowerBound)
                if first == Self.day(of: range.upperBound) {
                    Self.add(block.block, rawBytes: block.rawBytes, tenant, first, to: &parts)
                } else {
                    try Self.cut(block, tenant, into: &parts)
                }
            }
            self.parts += parts.values.sorted { $0.day < $1.day }
        }
    }

    private static func cut(_ block: MemoryBlock, _ tenant: Tenant, into parts: inout [Int: Part]) throws {
        let batch = try RecordBatch(block.block, tenant: tenant)
        let rows = Dictionary(grouping: batch.times.indices) { day(of: batch.times[$0]) }
        for (day, rows) in rows {
            let share = batch.selecting(rows)
            add(BatchBlock(share), rawBytes: share.valueBytes, tenant, day, to: &parts)
        }
    }

    private static func add(
        _ block: some ColumnBlock, rawBytes: Int, _ tenant: Tenant, _ day: Int, to parts: inout [Int: Part]
    ) {
        let range = block.timeRange
        var part = parts[day] ?? Part(tenant: tenant, day: day, timeRange: range)
        part.blocks.append(block)
        part.rows += block.rowCount
        part.rawBytes += rawBytes
        part.timeRange =
            min(part.timeRange.lowerBound, range.lowerBound)...max(part.timeRange.upperBound, range.upperBound)
        parts[day] = part
    }
}
