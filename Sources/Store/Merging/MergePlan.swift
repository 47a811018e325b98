/// Which segments to merge next: those of one tenant and day that have been through equally many merges, once there are
/// enough of them; neighbouring days with few rows count as one. A row is rewritten once a level, so the write
/// amplification is the number of levels, the logarithm of the number of seals a day to the base of the fan-in.
package struct MergePlan: Equatable {
    package var inputs: [SegmentEntry]
    package var level: Int

    /// The most pressing merge, smallest bytes first; nil when all is well. O(segments · log).
    package static func next(_ segments: [SegmentEntry], fanIn: Int, maximumBytes: Int) -> MergePlan? {
        next(segments, fanIn: fanIn, maximumBytes: maximumBytes, sharing: .none)
    }

    static func next(
        _ segments: [SegmentEntry], fanIn: Int, maximumBytes: Int, sharing: DaySharing
    ) -> MergePlan? {
        let small = segments.filter { $0.bytes < maximumBytes }
        let plans = groups(small, sharing) { "\($0.tenant)/\($0.level)" }.compactMap { group -> MergePlan? in
            guard group.count >= fanIn else { return nil }
            return plan(Array(group.sorted { $0.number < $1.number }), maximumBytes: maximumBytes)
        }
        return plans.min { $0.bytes < $1.bytes }
    }

    /// Merges that leave each tenant's day in one segment, or as few as the bound on bytes allows.
    static func all(_ segments: [SegmentEntry], maximumBytes: Int, sharing: DaySharing) -> [MergePlan] {
        groups(segments.filter { $0.bytes < maximumBytes }, sharing) { "\($0.tenant)" }.compactMap { group in
            plan(group.sorted { $0.bytes < $1.bytes }, maximumBytes: maximumBytes)
        }
    }

    private var bytes: Int { inputs.reduce(0) { $0 + $1.bytes } }

    private static func plan(_ group: [SegmentEntry], maximumBytes: Int) -> MergePlan? {
        var inputs: [SegmentEntry] = []
        var bytes = 0
        for segment in group where bytes + segment.bytes <= maximumBytes {
            inputs.append(segment)
            bytes += segment.bytes
        }
        guard inputs.count >= 2 else { return nil }
        return MergePlan(inputs: inputs, level: inputs.map(\.level).max()! + 1)
    }

    /// Segments by `key`, and of these by the days that they hold; neighbours share where they may.
    private static func groups(
        _ segments: [SegmentEntry], _ sharing: DaySharing, by key: (SegmentEntry) -> String
    ) -> [[SegmentEntry]] {
        Dictionary(grouping: segments, by: key).sorted { $0.key < $1.key }.flatMap { _, segments in
            let days = Dictionary(grouping: segments, by: \.days).sorted {
                ($0.key.lowerBound, $0.key.upperBound) < ($1.key.lowerBound, $1.key.upperBound)
            }
            let runs = sharing.runs(days.map { ($0.key, $0.value.reduce(0) { $0 + $1.bytes }) })
            return runs.map { run in days[run].flatMap(\.value) }
        }
    }
}
