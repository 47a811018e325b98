import Records

/// What queries, the commit thread and the background threads share, under one lock.
struct StoreState: Sendable {
    var views: [Tenant: TenantView] = [:]
    /// The last group that is visible.
    var lastGroup: JournalPosition
    /// The last group that is in segments.
    var sealedThrough: JournalPosition
    /// The last group that ought to be in segments; sealing has work while it is ahead of `sealedThrough`.
    var sealWanted: JournalPosition
    /// The durable mark of each agent as of `lastGroup`, and as of `sealWanted`.
    var marks: [String: UInt64]
    var marksToSeal: [String: UInt64]
    /// Weight, rows, and bytes before encoding of the memory table.
    var memoryBytes = 0
    var memoryRows = 0
    var memoryRawBytes = 0
    /// Bytes that came since the last wish to seal.
    var bytesSinceSeal = 0
    /// When the oldest row that no seal is wished for became visible, in `uptime` nanoseconds.
    var oldestArrival: Int64?
    /// Which rows are hidden although they are stored. Changes in one step with the segments that the rules name.
    var deletions: [HidingRule] = []
    /// Blocks of the memory table that could not be read and were left out.
    var damagedBlocks = 0
    /// Rises when the merging thread may have something to do besides merging.
    var upkeepWanted = 0
    var isClosing = false
    var sealingFailure: String?
    var mergingFailure: String?
    var counters = Counters()

    struct Counters: Sendable {
        /// Rows refused because they are older than retention, and rows accepted from more than a day ahead of the
        /// clock.
        var lateRows = 0
        var futureRows = 0
        var seals = 0
        var merges = 0
        var sealNanoseconds: Int64 = 0
        var mergeNanoseconds: Int64 = 0
    }

    mutating func add(
        _ blocks: [(Tenant, MemoryBlock)], marks: [SourceMark] = [], at position: JournalPosition, uptime: Int64
    ) {
        for mark in marks { self.marks[mark.agent] = max(self.marks[mark.agent] ?? 0, mark.lastSequence) }
        for (tenant, block) in blocks {
            views[tenant, default: TenantView()].memory.append(block)
            memoryBytes += block.weight
            memoryRows += block.block.rowCount
            memoryRawBytes += block.rawBytes
            bytesSinceSeal += block.weight
        }
        lastGroup = position
        if !blocks.isEmpty && oldestArrival == nil { oldestArrival = uptime }
    }

    /// All that is visible now is to be sealed.
    mutating func wishToSeal() {
        sealWanted = lastGroup
        marksToSeal = marks
        bytesSinceSeal = 0
        oldestArrival = nil
    }

    /// Rows move from the memory table to segments in one step, so that no query sees them twice or not at all.
    mutating func finishSeal(through position: JournalPosition, segments: [SegmentHandle]) {
        for tenant in views.keys {
            views[tenant]!.removeMemory(through: position.group)
        }
        for handle in segments { views[handle.entry.tenant, default: TenantView()].segments.append(handle) }
        sealedThrough = max(sealedThrough, position)
        recountMemory()
    }

    /// One block in the place of several neighbours, if all of them are still there.
    mutating func replaceMemory(of tenant: Tenant, _ blocks: [MemoryBlock], with joined: MemoryBlock) {
        guard let memory = views[tenant]?.memory,
            let first = memory.firstIndex(where: { $0.groups.lowerBound == joined.groups.lowerBound }),
            memory[first...].prefix(blocks.count).elementsEqual(blocks, by: { $0.groups == $1.groups })
        else { return }
        views[tenant]!.memory.replaceSubrange(first..<(first + blocks.count), with: [joined])
        memoryBytes += joined.weight - blocks.reduce(0) { $0 + $1.weight }
    }

    mutating func replaceSegments(_ gone: Set<UInt64>, with segments: [SegmentHandle]) {
        for tenant in views.keys { views[tenant]!.segments.removeAll { gone.contains($0.entry.number) } }
        for handle in segments { views[handle.entry.tenant, default: TenantView()].segments.append(handle) }
        views = views.filter { !$0.value.isEmpty }
    }

    /// The deletions as the catalog has them now; `new` for one that was not there before.
    mutating func hide(_ current: [Deletion], new: RowSelection? = nil) {
        let known = Dictionary(uniqueKeysWithValues: deletions.map { ($0.deletion, $0.selection) })
        deletions = current.map { HidingRule(selection: known[$0.number] ?? new!, scope: .deleted($0)) }
    }

    /// Leaves out the block that was read from a place in a journal file.
    mutating func dropMemory(of file: String, at offset: Int) {
        for tenant in views.keys {
            let count = views[tenant]!.memory.count
            views[tenant]!.memory.removeAll { $0.block.file == file && $0.block.range.contains(offset) }
            damagedBlocks += count - views[tenant]!.memory.count
        }
        recountMemory()
    }

    mutating func recountMemory() {
        memoryBytes = views.values.reduce(0) { $0 + $1.memory.reduce(0) { $0 + $1.weight } }
        memoryRows = views.values.reduce(0) { $0 + $1.memory.reduce(0) { $0 + $1.block.rowCount } }
        memoryRawBytes = views.values.reduce(0) { $0 + $1.memory.reduce(0) { $0 + $1.rawBytes } }
    }
}
