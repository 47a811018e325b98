import Bytes
import Journal
import Records
import Segments

/// How a store is doing, in numbers.
public struct StoreStatistics: Sendable {
    /// All rows that are stored; of these, queries do not see those that a deletion has still to remove.
    public var rows = 0
    /// Rows and encoded bytes that only the journal and the memory table hold.
    public var memoryRows = 0
    public var memoryBytes = 0
    public var segments = 0
    public var segmentRows = 0
    public var segmentBytes = 0
    /// Bytes of the values of all rows before encoding, eight for each time.
    public var rawBytes = 0
    public var journal: JournalStatus
    /// Groups and bytes that observers have still to see.
    public var observerBacklogGroups = 0
    public var observerBacklogBytes = 0
    /// Why the last of each background work failed; nil when it did not.
    public var sealingFailure: String?
    public var mergingFailure: String?
    public var checkpointFailure: String?
    /// Rows refused as older than retention, accepted although from the future, and removed by retention since the
    /// folder's beginning.
    public var lateRows = 0
    public var futureRows = 0
    public var expiredRows = 0
    /// Rows that deletions removed since the folder's beginning, and deletions that still have some to remove.
    public var deletedRows = 0
    public var deletions = 0
    public var seals = 0
    public var merges = 0
    /// Wall time that sealing and merging took since the start.
    public var sealNanoseconds: Int64 = 0
    public var mergeNanoseconds: Int64 = 0
    /// Bytes written to segments over bytes sealed, since the folder's beginning; 1 without any merge.
    public var writeAmplification = 1.0
    /// What could not be read, the first hundred of it, and all of it counted.
    public var damage: [CorruptionError] = []
    public var damageCount = 0
    public var freeDiskBytes = 0
}

extension Store {
    /// O(segments + blocks in memory).
    public var statistics: StoreStatistics {
        let catalog = keeper.state
        let backlog = visible.feed.backlog
        var statistics = StoreStatistics(journal: journal.status)
        visible.monitor.withLock { state in
            statistics.memoryRows = state.memoryRows
            statistics.memoryBytes = state.memoryBytes
            statistics.rawBytes = state.memoryRawBytes
            for handle in state.views.values.lazy.flatMap(\.segments) {
                statistics.segments += 1
                statistics.segmentRows += handle.entry.rows
                statistics.segmentBytes += handle.entry.bytes
                statistics.rawBytes += handle.entry.rawBytes
            }
            statistics.sealingFailure = state.sealingFailure
            statistics.mergingFailure = state.mergingFailure
            statistics.lateRows = state.counters.lateRows
            statistics.futureRows = state.counters.futureRows
            statistics.seals = state.counters.seals
            statistics.merges = state.counters.merges
            statistics.sealNanoseconds = state.counters.sealNanoseconds
            statistics.mergeNanoseconds = state.counters.mergeNanoseconds
        }
        statistics.rows = statistics.memoryRows + statistics.segmentRows
        statistics.observerBacklogGroups = backlog.items
        statistics.observerBacklogBytes = backlog.bytes
        statistics.checkpointFailure = backlog.failure
        statistics.expiredRows = Int(catalog.expiredRows)
        statistics.deletedRows = Int(catalog.deletedRows)
        statistics.deletions = catalog.activeDeletions.count
        statistics.writeAmplification = catalog.writeAmplification
        statistics.damage = damage.errors
        statistics.damageCount = damage.count
        statistics.freeDiskBytes = (try? system.freeBytes(at: path)) ?? 0
        return statistics
    }

    /// What each column takes in the segments, `_time` first, then the largest. Opens every segment. O(blocks ×
    /// columns).
    public func columnUsage() -> [ColumnUsage] {
        let handles = visible.monitor.withLock { $0.views.values.flatMap(\.segments) }
        var usages: [ByteString: ColumnUsage] = [:]
        for usage in handles.lazy.compactMap({ $0.readable() }).flatMap({ $0.reader.columnUsage() }) {
            guard usages[usage.name]?.add(usage) == nil else { continue }
            usages[usage.name] = usage
        }
        return usages.values.sorted {
            ($0.name == StandardFields.time ? Int.max : $0.totalBytes, $1.name)
                > ($1.name == StandardFields.time ? Int.max : $1.totalBytes, $0.name)
        }
    }
}
