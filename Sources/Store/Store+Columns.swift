import Records
import Segments

extension Store {
    /// What each column takes in the sealed segments, the largest first. Opens every segment. O(segments × columns).
    public var columns: [ColumnUsage] {
        StoreSnapshot.columns(of: visible.monitor.withLock { $0.views.values.flatMap(\.segments) })
    }

    /// From the earliest to the latest record that queries can see, over all tenants; nil without records.
    public var timeRange: ClosedRange<Int64>? {
        let views = visible.monitor.withLock { Array($0.views.values) }
        let ranges = views.flatMap { view in view.segments.map(\.entry.timeRange) + view.memory.map(\.block.timeRange) }
        guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else { return nil }
        return first...last
    }
}

extension StoreSnapshot {
    /// The same for what one tenant's snapshot sees.
    public var columns: [ColumnUsage] { Self.columns(of: view.segments) }

    public var segmentCount: Int { view.segments.count }
    /// Bytes on disk of the segments.
    public var segmentBytes: Int { view.segments.reduce(0) { $0 + $1.entry.bytes } }
    /// Bytes of the values of sealed rows before encoding, eight for each time.
    public var rawBytes: Int {
        view.segments.reduce(0) { $0 + $1.entry.rawBytes } + view.memory.reduce(0) { $0 + $1.rawBytes }
    }

    static func columns(of segments: [SegmentHandle]) -> [ColumnUsage] {
        var sums: [ColumnUsage] = []
        for usage in segments.lazy.compactMap({ $0.readable() }).flatMap({ $0.reader.columnUsage() }) {
            guard let index = sums.firstIndex(where: { $0.name == usage.name }) else {
                sums.append(usage)
                continue
            }
            sums[index].add(usage)
        }
        return sums.sorted { $0.totalBytes > $1.totalBytes }
    }
}
